//! Messages about observed packets, in both languages.

use crate::message::*;
use crate::messages;

messages! {
    /// How a packet ended.
    pub(crate) enum Said in "observed" {
        Reach en "reach" zh "可达";
        Drop en "drop" zh "丢弃";
        Unknown en "unknown" zh "未知";
        AnsweredByAnother en "answered-by-another" zh "由其他实例应答";
        AnsweredBy { who: Text } en "answered-by-another ({who})" zh "由{who}代为应答";
        OfBandwidth en "bandwidth" zh "带宽";
        Bandwidth { bandwidth: Text } en "{bandwidth}" zh "{bandwidth}";
    }
}
