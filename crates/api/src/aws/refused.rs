//! Errors that many actions have.

use crate::Refused;

/// The error for a required parameter that is missing.
pub(super) fn missing(name: &str) -> Refused {
    Refused::new(400, "MissingParameter", format!("The request must contain the parameter {name}"))
}

/// What is said of an id that is not there, by its code.
pub(super) fn not_there(code: &str, id: &str) -> String {
    let what = match code {
        "InvalidVpcID.NotFound" => "vpc ID",
        "InvalidSubnetID.NotFound" => "subnet ID",
        "InvalidRouteTableID.NotFound" => "routeTable ID",
        "InvalidVpcPeeringConnectionID.NotFound" => "vpcPeeringConnection ID",
        "InvalidGroup.NotFound" => "security group",
        "InvalidSecurityGroupRuleId.NotFound" => "security group rule ID",
        "InvalidNetworkAclID.NotFound" => "networkAcl ID",
        "InvalidInternetGatewayID.NotFound" => "internetGateway ID",
        "InvalidAllocationID.NotFound" => "allocation ID",
        "InvalidInstanceID.NotFound" => "instance ID",
        "InvalidNetworkInterfaceID.NotFound" => "networkInterface ID",
        "NatGatewayNotFound" => return format!("The Nat Gateway {id} was not found"),
        _ => "ID",
    };
    format!("The {what} '{id}' does not exist")
}

/// A block of addresses as the API takes it: with its mask.
pub(super) fn block<'a>(text: &'a str, parameter: &str) -> Result<&'a str, Refused> {
    match text.parse::<ipnet::Ipv4Net>() {
        Ok(_) => Ok(text),
        Err(_) => Err(invalid(text, parameter, "This is not a valid CIDR block.")),
    }
}

/// An error of a value.
pub(super) fn invalid(value: &str, parameter: &str, why: &str) -> Refused {
    let message = format!("Value ({value}) for parameter {parameter} is invalid. {why}");
    Refused::new(400, "InvalidParameterValue", message)
}
