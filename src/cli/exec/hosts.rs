//! `/etc/hosts` as a command in an instance sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::cloud::{Bindings, Cloud, Instance, ResourceKind};

/// A name that an instance may have.
type Sort<'a> = &'a dyn Fn(&Instance) -> Option<String>;

/// Every instance, and the host on the internet.
///
/// An instance has its own name, the lab's name for it if that differs, and the ASCII form of both (`xn--…`), which glibc
/// looks up if a name has other letters. A resolver ignores case: a name that two instances would share is left out, and an
/// instance's own name wins over a second name of another.
pub(super) fn hosts(cloud: &Cloud, bindings: &Bindings) -> String {
    let own = |it: &Instance| Some(it.name.to_string());
    let labs = |it: &Instance| bindings.lab_name(cloud, ResourceKind::Instance, it.name.as_str()).map(str::to_owned);
    let mut taken = BTreeSet::from(["localhost".to_owned(), "internet".to_owned()]);
    let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let sorts: [Sort<'_>; 4] =
        [&own, &labs, &|it| own(it).and_then(|name| in_ascii(&name)), &|it| labs(it).and_then(|name| in_ascii(&name))];
    for sort in sorts {
        let mut wanted: BTreeMap<String, Vec<(&Instance, String)>> = BTreeMap::new();
        for instance in cloud.instances() {
            if let Some(name) = sort(instance) {
                wanted.entry(name.to_ascii_lowercase()).or_default().push((instance, name));
            }
        }
        for (key, claims) in wanted {
            if !taken.insert(key) {
                continue;
            }
            if let [(instance, name)] = &claims[..] {
                names.entry(instance.name.as_str()).or_default().push(name.clone());
            }
        }
    }
    let mut text = String::from("127.0.0.1 localhost\n");
    for instance in cloud.instances() {
        if let Some(names) = names.get(instance.name.as_str()) {
            let _ = writeln!(text, "{} {}", instance.ip, names.join(" "));
        }
    }
    let _ = writeln!(text, "{} internet", crate::cloud::INTERNET_HOST);
    text
}

/// The form of a name for which glibc asks; `None` where it asks for none.
fn in_ascii(name: &str) -> Option<String> {
    idna::domain_to_ascii(name).ok().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Binding;
    use crate::error::Source;

    fn lines(instances: &[&str], bound: &[(&str, &str)]) -> Vec<String> {
        let mut text = String::from(
            "[lab]\nname = \"l\"\nprovider = \"alibaba\"\n[account.A]\n[vpc.V]\nregion = \"cn-qingdao\"\ncidr = \"10.0.0.0/16\"\n\
             [vpc.V.subnet.s]\ncidr = \"10.0.0.0/24\"\n",
        );
        for (number, name) in instances.iter().enumerate() {
            text += &format!("[instance.\"{name}\"]\nsubnet = \"V/s\"\nip = \"10.0.0.{}\"\n", number + 1);
        }
        let cloud = crate::lab::read(Source::new("lab.toml", text)).unwrap().build().unwrap().0;
        let binding = |(lab, made): &(&str, &str)| Binding {
            kind: ResourceKind::Instance,
            lab: vec![(*lab).to_owned()],
            made: (*made).to_owned(),
        };
        let bindings = bound.iter().map(binding).collect();
        let mut lines: Vec<_> = hosts(&cloud, &bindings).lines().map(str::to_owned).collect();
        lines.retain(|line| !line.ends_with(" localhost") && !line.ends_with(" internet"));
        lines.sort();
        lines
    }

    #[test]
    fn an_instance_has_its_name_the_labs_and_their_ascii_forms() {
        assert_eq!(lines(&["web", "a_b.c"], &[]), ["10.0.0.1 web", "10.0.0.2 a_b.c"]);
        assert_eq!(lines(&["网站"], &[]), ["10.0.0.1 网站 xn--5tzm5g"]);
        assert_eq!(lines(&["Straße", "ｗｅｂ"], &[]), ["10.0.0.1 Straße xn--strae-oqa", "10.0.0.2 ｗｅｂ web"]);
        // Composed or not, it is one name to whoever asks.
        assert_eq!(lines(&["e\u{301}"], &[]), ["10.0.0.1 e\u{301} xn--9ca"]);
        assert_eq!(lines(&["mine"], &[("服务器", "mine")]), ["10.0.0.1 mine 服务器 xn--zfru1ggxt"]);
    }

    #[test]
    fn what_would_be_two_instances_is_nobodys() {
        assert_eq!(lines(&["web", "WEB", "db"], &[]), ["10.0.0.3 db"]);
        assert_eq!(lines(&["É", "é"], &[]), ["10.0.0.1 É", "10.0.0.2 é"]);
        // An own name comes before another's other ones; nobody is called as the own host.
        assert_eq!(lines(&["网站", "xn--5tzm5g"], &[]), ["10.0.0.1 网站", "10.0.0.2 xn--5tzm5g"]);
        assert_eq!(lines(&["b", "a"], &[("b", "a"), ("a", "b")]), ["10.0.0.1 b", "10.0.0.2 a"]);
        assert_eq!(lines(&["ｌｏｃａｌｈｏｓｔ"], &[]), ["10.0.0.1 ｌｏｃａｌｈｏｓｔ"]);
    }
}
