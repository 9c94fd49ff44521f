//! Associations: taken away, swapped, or with a table that leads nowhere.

use super::Candidates;
use crate::cloud::Cloud;

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    for subnet in cloud.subnets() {
        let Some(vpc) = cloud.vpc(&subnet.name.vpc) else { continue };
        let used = cloud.table_of(subnet);
        let custom = cloud.route_tables_of(&vpc.name).filter(|table| !table.is_default());
        for table in custom {
            if table.name == used.name {
                to.add(&vpc.account, [format!("unassociate-route-table {} --subnet {}", table.name, subnet.name)]);
            } else {
                to.add(&vpc.account, [format!("associate-route-table {} --subnet {}", table.name, subnet.name)]);
            }
        }
        let name = free(cloud);
        let create = format!("create-route-table {name} --vpc {}", vpc.name);
        to.add(&vpc.account, [create, format!("associate-route-table {name} --subnet {}", subnet.name)]);
    }
}

/// A name that no table has.
fn free(cloud: &Cloud) -> String {
    let taken = |name: &String| cloud.route_tables().any(|table| table.name.as_str() == name);
    (1..).map(|number| format!("rtb-{number}")).find(|name| !taken(name)).unwrap_or_default()
}
