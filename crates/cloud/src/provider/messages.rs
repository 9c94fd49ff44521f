//! Messages about a provider's ids, in both languages.

use crate::message::Text;
use crate::messages;

messages! {
    /// How to write an id.
    pub(crate) enum Said in "provider" {
        OfAccount
            en "an account id is letters, digits, - and _, as in 1000000000000001"
            zh "账号ID由字母、数字、短划线（-）和下划线（_）组成，例如1000000000000001";
        OfTwelveDigits
            en "an account id is 12 digits, as in 111122223333"
            zh "账号ID为12位数字，例如111122223333";
        OfDigits
            en "an account id is 1 to 20 digits, as in 100000000001"
            zh "账号ID为1至20位数字，例如100000000001";
        OfHexDigits { prefix: Text }
            en "write {prefix} and 8 or 17 hexadecimal digits, as in {prefix}0a1b2c3d4e5f67890"
            zh "请写{prefix}加8位或17位十六进制数字，例如{prefix}0a1b2c3d4e5f67890";
        WithPrefix { prefix: Text }
            en "write {prefix} and 1 to 32 letters and digits, as in {prefix}m5e1"
            zh "请写{prefix}加1至32个字母或数字，例如{prefix}m5e1";
        Free
            en "write 1 to 64 letters, digits, - and _, as in vpc-m5e1"
            zh "请写1至64个字母、数字、短划线（-）或下划线（_），例如vpc-m5e1";
    }
}
