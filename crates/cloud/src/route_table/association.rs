//! Which table serves a subnet: associations, and a VPC's main table.

use super::RouteTable;
use super::messages::Said;
use crate::msg;
use crate::{
    AssociateRouteTable, Association, Cloud, Fault, Operation, Outcome, Refusal, ReplaceRouteTableAssociation,
    SetMainRouteTable, Subnet, SubnetName, UnassociateRouteTable,
};

impl Cloud {
    pub(crate) fn associate_route_table(
        &mut self,
        operation: &Operation,
        call: &AssociateRouteTable,
    ) -> Result<Outcome, Refusal> {
        let (table, subnet) = self.table_and_subnet(operation, &call.table, &call.subnet)?;
        let explicit = self.provider.explicit_associations;
        if let Some(association) = subnet.association.as_ref().filter(|_| explicit) {
            let message = msg!(Said::AlreadyAssociated { subnet: &subnet.name, table: &association.table });
            let hint = msg!(Said::ReplaceAssociation { table: &table.name, subnet: &subnet.name });
            return Err(Refusal::new(Fault::AlreadyAssociated, message, hint).at("subnet"));
        }
        let association = Association { table: table.name.clone(), origin: operation.origin.clone() };
        let association = (explicit || !table.is_main).then_some(association);

        let subnet = subnet.name.clone();
        self.set_association(&subnet, association);
        Ok(Outcome::default())
    }

    /// The caller's own table and subnet, of one VPC.
    fn table_and_subnet(
        &self,
        operation: &Operation,
        table: &str,
        subnet: &str,
    ) -> Result<(&RouteTable, &Subnet), Refusal> {
        let table = self.own::<RouteTable>(operation, table, "table")?;
        let subnet = self.own::<Subnet>(operation, subnet, "subnet")?;
        if table.vpc != subnet.name.vpc {
            let message = msg!(Said::InAnotherVpc { table: &table.name, vpc: &table.vpc, subnet: &subnet.name });
            let hint = msg!(Said::NameTableOf { vpc: &subnet.name.vpc });
            return Err(Refusal::new(Fault::VpcMismatch, message, hint).at("subnet"));
        }
        Ok((table, subnet))
    }

    fn set_association(&mut self, subnet: &SubnetName, association: Option<Association>) {
        if let Some(subnet) = self.subnets.get_mut(subnet) {
            subnet.association = association;
        }
    }

    /// Makes a subnet that is associated with a table use another one.
    pub(crate) fn replace_route_table_association(
        &mut self,
        operation: &Operation,
        call: &ReplaceRouteTableAssociation,
    ) -> Result<Outcome, Refusal> {
        self.check_explicit(operation)?;
        let (table, subnet) = self.table_and_subnet(operation, &call.table, &call.subnet)?;
        if subnet.association.is_none() {
            let message = msg!(Said::NotAssociatedYet { subnet: &subnet.name });
            let hint = msg!(Said::AssociateIt { table: &table.name, subnet: &subnet.name });
            return Err(Refusal::new(Fault::AssociationNotFound, message, hint).at("subnet"));
        }
        let association = Association { table: table.name.clone(), origin: operation.origin.clone() };
        let subnet = subnet.name.clone();
        self.set_association(&subnet, Some(association));
        Ok(Outcome::default())
    }

    /// Whether the subnet is associated with the table.
    pub(crate) fn is_replaced(&self, operation: &Operation, call: &ReplaceRouteTableAssociation) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        let subnet = self.mine::<Subnet>(operation, &call.subnet)?;
        Some(subnet.association.as_ref().is_some_and(|association| association.table == table.name))
    }

    /// Makes a table the main one of its VPC.
    pub(crate) fn set_main_route_table(
        &mut self,
        operation: &Operation,
        call: &SetMainRouteTable,
    ) -> Result<Outcome, Refusal> {
        self.check_explicit(operation)?;
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let (name, former) = (table.name.clone(), self.main_table_of(&table.vpc).name.clone());
        for (table, is_main) in [(former, false), (name, true)] {
            if let Some(table) = self.route_tables.get_mut(&table) {
                table.is_main = is_main;
            }
        }
        Ok(Outcome::default())
    }

    /// Whether the table is the main one.
    pub(crate) fn is_main(&self, operation: &Operation, call: &SetMainRouteTable) -> Option<bool> {
        Some(self.mine::<RouteTable>(operation, &call.table)?.is_main)
    }

    /// Refuses an operation that only providers with explicit associations have.
    fn check_explicit(&self, operation: &Operation) -> Result<(), Refusal> {
        if self.provider.explicit_associations {
            return Ok(());
        }
        let message = msg!(Said::NoSuchOperation { operation: operation.call.name(), provider: self.provider.name });
        Err(Refusal::new(Fault::UnsupportedOperation, message, msg!(Said::AssociateReplaces)).at("table"))
    }

    /// Whether the subnet uses the table.
    pub(crate) fn is_associated(&self, operation: &Operation, call: &AssociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name == table.name)
    }

    pub(crate) fn unassociate_route_table(
        &mut self,
        operation: &Operation,
        call: &UnassociateRouteTable,
    ) -> Result<Outcome, Refusal> {
        let table = self.own::<RouteTable>(operation, &call.table, "table")?;
        let subnet = self.own::<Subnet>(operation, &call.subnet, "subnet")?;
        if subnet.association.as_ref().is_none_or(|association| association.table != table.name) {
            let message = msg!(Said::NotAssociated { subnet: &subnet.name, table: &table.name });
            let hint = match &subnet.association {
                Some(association) => msg!(Said::AssociatedWith { table: &association.table }),
                None => msg!(Said::AssociatedWithNone),
            };
            return Err(Refusal::new(Fault::AssociationNotFound, message, hint).at("subnet"));
        }

        let subnet = subnet.name.clone();
        self.set_association(&subnet, None);
        Ok(Outcome::default())
    }

    /// Whether the subnet does not use the table.
    pub(crate) fn is_unassociated(&self, operation: &Operation, call: &UnassociateRouteTable) -> Option<bool> {
        let table = self.mine::<RouteTable>(operation, &call.table)?;
        Some(self.table_of(self.mine::<Subnet>(operation, &call.subnet)?).name != table.name)
    }
}
