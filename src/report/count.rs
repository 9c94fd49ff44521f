//! How many of something there are, in words.

use std::fmt;

use serde_json::{Map, Value};

use crate::flow::Disposition;
use crate::language::Language;
use crate::message::{Family, Message, Say};

macro_rules! things {
    ($($thing:ident $id:literal $one:literal $many:literal $chinese:literal;)*) => {
        /// A counted noun.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Thing { $($thing),* }

        impl Thing {
            fn id(self) -> &'static str {
                match self { $(Thing::$thing => $id),* }
            }

            /// In English for one and for several, and what is behind the number in Chinese.
            fn words(self) -> (&'static str, &'static str, &'static str) {
                match self { $(Thing::$thing => ($one, $many, $chinese)),* }
            }
        }
    };
}

things! {
    Pair "count.Pair" "pair" "pairs" "对实例";
    Check "count.Check" "check" "checks" "项检查";
    Case "count.Case" "case" "cases" "个用例";
    Stage "count.Stage" "stage" "stages" "个阶段";
    Verification "count.Verification" "verification" "verifications" "次验证";
    Change "count.Change" "change" "changes" "处变更";
    Step "count.Step" "step" "steps" "个步骤";
    Operation "count.Operation" "operation" "operations" "个操作";
    Lab "count.Lab" "lab" "labs" "个实验";
    Part "count.Part" "part" "parts" "部分";
    Packet "count.Packet" "packet" "packets" "个数据包";
    Namespace "count.Namespace" "namespace" "namespaces" "个命名空间";
    Instance "count.Instance" "instance" "instances" "个实例";
    Warning "count.Warning" "warning" "warnings" "项警告";
    Error "count.Error" "error" "errors" "个错误";
}

/// A number of things: `1 pair`, `3 pairs`.
#[derive(Clone, Copy, Debug)]
struct Count {
    n: usize,
    of: Thing,
}

/// A number with its noun, such as `3 pairs`.
pub fn count(n: usize, of: Thing) -> Message {
    Message::from(Count { n, of })
}

impl Say for Count {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, (one, many, chinese)) = (self.n, self.of.words());
        match language {
            Language::English => write!(f, "{n} {}", if n == 1 { one } else { many }),
            Language::Chinese => write!(f, "{n}{chinese}"),
        }
    }
}

impl Family for Count {
    fn id(&self) -> &'static str {
        self.of.id()
    }

    fn values(&self) -> Map<String, Value> {
        [("n".to_owned(), self.n.into())].into_iter().collect()
    }
}

/// The kernel's name of what it counts: a reason, mostly.
pub(crate) fn counted(reason: &str) -> Message {
    reason.parse::<Disposition>().map_or_else(|_| Message::text(reason), Message::from)
}
