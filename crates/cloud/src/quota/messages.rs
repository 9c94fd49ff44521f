//! Messages about limits, in both languages.

use crate::Region;
use crate::message::Number;
use crate::message::name::{Account, Vpc};
use crate::messages;

messages! {
    /// A limit is reached.
    pub(crate) enum Said in "quota" {
        TooManyVpcs { account: Account, region: Region, most: Number }
            en "account {account} has {most} VPCs in {region}, as many as it can"
            zh "账号{account}在{region}已有{most}个VPC，达到上限";
        TooManySubnets { vpc: Vpc, most: Number }
            en "VPC {vpc} has {most} subnets, as many as it can"
            zh "VPC {vpc}已有{most}个子网，达到上限";
        TooManyTables { vpc: Vpc, most: Number }
            en "VPC {vpc} has {most} route tables, as many as it can"
            zh "VPC {vpc}已有{most}个路由表，达到上限";
        RaiseIt
            en "delete one, or raise the limit in the lab's quotas"
            zh "请删除一个，或在实验的quotas中提高上限";
    }
}
