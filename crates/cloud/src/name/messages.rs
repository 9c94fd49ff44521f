//! Messages about names, in both languages.

use crate::message::{Quoted, Text};
use crate::messages;

messages! {
    /// A text is no name.
    pub(crate) enum Said in "name" {
        TakenByInternet { name: Text }
            en "the name {name} is taken: it means the host out there"
            zh "名称{name}为保留名称，代表公网上的主机";
        TakenByLocalhost { name: Text }
            en "the name {name} is taken: it means the own host, wherever it is asked for"
            zh "名称{name}为保留名称，在任何主机上都代表该主机自身";
        NotANameUseLetters { text: Quoted }
            en "{text} is no name: use a letter or a digit, then up to 127 of letters, digits, _ . and -"
            zh "{text}不是合法名称：须以文字（任何语言的字母、汉字等）或数字开头，后跟至多127个文字、数字、下划线（_）、点（.）或短划线（-）";
        Taken { name: Text } en "the name {name} is taken" zh "名称{name}为保留名称";
        MeansInternet en "it means the host out there" zh "它代表公网上的主机";
        MeansLocalhost en "it means the own host, wherever it is asked for" zh "它在任何主机上都代表该主机自身";
        NotAName { text: Quoted } en "{text} is no name" zh "{text}不是合法名称";
        UseLetters
            en "use a letter or a digit, then up to 127 of letters, digits, _ . and -"
            zh "须以文字（任何语言的字母、汉字等）或数字开头，后跟至多127个文字、数字、下划线（_）、点（.）或短划线（-）";
        NotASubnet { text: Quoted }
            en "{text} is no subnet: write VPC/SUBNET, as in VPC1/vsw-1"
            zh "{text}不是子网：请写成“VPC/子网”，例如VPC1/vsw-1";
    }
}
