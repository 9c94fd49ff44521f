//! Resolves the file as written to operations: who calls what, in which order (docs/lab-format.md §1).
//!
//! Checks that only the cloud can make (whether a CIDR block fits, whether a next hop exists) are left to it.

mod messages;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::broken::Broken;
use super::check::{self, Instances};
use super::file::*;
use super::lab::{
    AccessKey, Exercise, Fault, FaultKind, FaultWording, Lab, Step, Unchecked, Wording, Wordings, is_lab_name,
};
use super::owners::Owners;
use super::reader::{Faults, Text, nearest};
use super::{step, tables};
use crate::cloud::*;
use crate::error::Span;
use crate::msg;
use crate::printable::{printable, printable_lines};
use messages::Said;

/// A resolved lab, and the names that faults of the file make unreliable.
pub(super) struct Resolved {
    pub(super) lab: Lab,
    pub(super) broken: Broken,
}

/// Resolves every name that the lab file itself determines. `None` if the provider is unknown.
pub(super) fn resolve(
    mut file: File,
    name: Option<&str>,
    providers: &[&'static Provider],
    faults: &mut Faults,
) -> Option<Resolved> {
    let mut broken = file.broken.clone();
    let own = lab_name(&file.lab, name.is_none(), faults);
    let name = name.map_or(own, str::to_owned);
    let mut allow = allow(&file.lab, faults);
    let pace = pace(&file.lab, faults);
    let provider = provider(&file.lab, providers, faults);
    if let Some(provider) = provider {
        allow.quotas = quotas(&file.lab, provider, faults);
        default_vpcs(&mut file, provider, faults);
    }
    let until = until(&file, faults);
    let ids_of = provider.map_or(AccountIds::FREE, |provider| provider.accounts);
    let accounts = accounts(&file.accounts, &ids_of, faults);
    let access_keys = access_keys(&file.accounts, faults);
    let owners = Owners::new(&file, &mut broken, faults);
    let base = provider.map(|provider| tables::operations(&file, provider, &owners, &mut broken, faults));

    let mut instances = Instances::default();
    for table in &file.instances {
        instances.add(&table.name.value, table.id.as_ref().map(|id| id.value.as_str()));
    }
    let mut steps = Vec::new();
    for table in &file.steps {
        steps.push(resolve_step(table, &owners, &mut instances, &mut broken, faults));
    }
    let is_broken = |name: &str| broken.contains(ResourceKind::Instance, name);
    let checks = file.checks.iter().filter_map(|table| check::resolve(table, &instances, is_broken, faults));
    let checks = checks.collect();
    let broken_things = file.faults.iter().filter_map(|table| resolve_fault(table, &owners, &mut broken, faults));
    let exercise_faults: Vec<Fault> = broken_things.collect();
    let seed = file.exercise.as_ref().and_then(|exercise| seed(exercise, faults));
    if let (Some(_), true) = (&file.exercise, file.faults.is_empty()) {
        faults.add("InvalidExercise", &(0..0), Said::NoFaults, Said::AddFaults);
    }
    let unchecked = file.unchecked().cloned();
    let unchecked = unchecked.map(|it| Unchecked { span: it.span, why: it.why.value, said: it.why.span }).collect();
    let lab = Lab {
        source: faults.source().clone(),
        name,
        title: file.lab.title.map(|title| printable(&title.value)),
        text: file.lab.text.map(|text| printable_lines(&text.value)),
        wordings: printable_wordings(file.lab.wordings),
        provider: provider?,
        allow,
        pace,
        accounts,
        access_keys,
        until,
        base: base?.into(),
        checks,
        steps,
        faults: exercise_faults,
        exercise: None,
        unchecked,
        built: Default::default(),
    };
    let lab = match file.exercise {
        Some(exercise) => as_exercise(lab, seed, exercise.learner.map(|learner| printable(&learner.value))),
        None => lab,
    };
    Some(Resolved { lab, broken })
}

/// The lab as an exercise: everything is done before the learner sees it, and nothing says by which line.
fn as_exercise(lab: Lab, seed: Option<u64>, learner: Option<String>) -> Lab {
    let checks = lab.final_checks().to_vec();
    // What must be refused has no effect.
    let of_step = |step: &Step| {
        let done = step.operations.len() - usize::from(step.refused.is_some());
        step.operations[..done].to_vec()
    };
    let mut base = lab.base.to_vec();
    base.extend(lab.steps.iter().flat_map(of_step));
    let written = base.len();
    base.extend(lab.faults.iter().flat_map(|fault| fault.operations.clone()));
    base.iter_mut().for_each(|operation| operation.origin = Origin::Provider);
    let exercise = Some(Exercise::new(seed, learner, written));
    Lab { base: base.into(), checks, steps: Vec::new(), until: None, unchecked: Vec::new(), exercise, ..lab }
}

fn seed(exercise: &ExerciseTable, faults: &mut Faults) -> Option<u64> {
    let written = exercise.seed.as_ref()?;
    let seed = written.value.parse().ok();
    if seed.is_none() {
        faults.add("InvalidExercise", &written.span, msg!(Said::NotASeed { seed: &written.value }), Said::WriteSeed);
    }
    seed
}

fn resolve_fault(table: &FaultTable, owners: &Owners, broken: &mut Broken, faults: &mut Faults) -> Option<Fault> {
    let kind = FaultKind::named(&table.kind.value);
    if kind.is_none() {
        let hint = match nearest(&table.kind.value, FaultKind::WORDS.iter().copied()) {
            Some(near) => did_you_mean(near),
            None => msg!(Said::FaultKindIsOneOf { kinds: FaultKind::WORDS }),
        };
        faults.add("InvalidFault", &table.kind.span, msg!(Said::NoSuchFaultKind { kind: &table.kind.value }), hint);
    }
    if table.run.is_empty() {
        faults.add("InvalidFault", &table.header, Said::FaultRunsNothing, Said::AddOperation);
    }
    let what = msg!(Said::FaultOfNobody);
    let caller = owners.account(table.account.as_ref(), what, &table.header, faults);
    let operations = step::operations(&table.run, caller.as_ref().unwrap_or(&owners.anybody), broken, faults);
    let printable_of = |wording: &FaultWording| FaultWording {
        ticket: wording.ticket.as_deref().map(printable_lines),
        hints: wording.hints.iter().map(|hint| printable_lines(hint)).collect(),
    };
    let wordings = table.wordings.iter().map(|(language, wording)| (*language, printable_of(wording))).collect();
    caller?;
    Some(Fault { kind: kind?, operations, told: printable_of(&table.told), wordings })
}

/// The lab's name in the file; `needed`: the user gives no other name.
fn lab_name(lab: &LabTable, needed: bool, faults: &mut Faults) -> String {
    let Some(name) = &lab.name else {
        let stem = stem(&faults.source().name).to_owned();
        let name = name_from_stem(&stem);
        if needed && !is_lab_name(&name) {
            let message = msg!(Said::FileIsNotALabName { stem });
            let hint = msg!(Said::WriteName);
            faults.add("InvalidName", &lab.header, message, hint);
        }
        return name;
    };
    if !is_lab_name(&name.value) {
        let message = msg!(Said::NotALabName { name: &name.value });
        let hint = msg!(Said::NamesAreLower);
        faults.add("InvalidName", &name.span, message, hint);
    }
    name.value.clone()
}

/// The name of a file without its ending.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(file, |(stem, _)| stem)
}

/// The lab's name derived from its file's stem. Other characters are not replaced, because two files could then have
/// the same name.
fn name_from_stem(stem: &str) -> String {
    stem.chars().map(|c| if "_. ".contains(c) { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// The number of steps to do.
fn until(file: &File, faults: &mut Faults) -> Option<usize> {
    let written = file.lab.until.as_ref()?;
    let (steps, until) = (file.steps.len(), written.value.parse().ok());
    if until.is_none_or(|until: usize| until > steps) {
        let hint = msg!(Said::UntilIsAStep { steps });
        faults.add("InvalidStep", &written.span, msg!(Said::NoSuchStep { step: &written.value }), hint);
    }
    until
}

/// The words for how long changes take.
const PACES: [&str; 2] = ["at-once", "real"];
/// The seconds that a change takes at real pace, unless the lab says otherwise.
const USUAL_PACE: u64 = 3;
/// The seconds that a lab can say.
const PACE_SECONDS: RangeInclusive<u64> = 1..=3_600;

/// How long changes take, if they take time.
fn pace(lab: &LabTable, faults: &mut Faults) -> Option<Duration> {
    if let Some(pace) = lab.pace.as_ref().filter(|pace| !PACES.contains(&&*pace.value.to_ascii_lowercase())) {
        let message = msg!(Said::NoPace { pace: &pace.value });
        let hint = nearest(&pace.value, PACES).map_or(msg!(Said::PaceIsOneOf { paces: PACES }), did_you_mean);
        faults.add("InvalidPace", &pace.span, message, hint);
    }
    let is_real = lab.pace.as_ref().is_some_and(|pace| pace.value.eq_ignore_ascii_case("real"));
    let seconds = lab.pace_seconds.as_ref().map_or(Some(USUAL_PACE), |text| {
        let seconds = text.value.parse().ok().filter(|seconds| PACE_SECONDS.contains(seconds));
        if seconds.is_none() {
            faults.add(
                "InvalidPace",
                &text.span,
                msg!(Said::NoPaceSeconds { text: &text.value }),
                Said::WritePaceSeconds,
            );
        } else if !is_real {
            faults.add("InvalidPace", &text.span, Said::SecondsWithoutPace, Said::AddPace);
        }
        seconds
    });
    seconds.filter(|_| is_real).map(Duration::from_secs)
}

fn allow(lab: &LabTable, faults: &mut Faults) -> Allow {
    let mut allow = Allow::default();
    for text in &lab.allow {
        match &*text.value.to_ascii_lowercase() {
            "cross-region-group" => allow.cross_region_group = true,
            _ => {
                let message = msg!(Said::NoSuchRelaxation { relaxation: &text.value });
                let hint = match nearest(&text.value, ["cross-region-group"]) {
                    Some(near) => did_you_mean(near),
                    None => msg!(Said::AllowKnows),
                };
                faults.add("UnknownRelaxation", &text.span, message, hint);
            }
        }
    }
    allow
}

/// Adds the default VPCs that accounts ask for.
fn default_vpcs(file: &mut File, provider: &Provider, faults: &mut Faults) {
    let Some(block) = provider.default_vpc else {
        for (_, span) in file.accounts.iter().filter_map(|account| account.default_vpc.as_ref()) {
            let message = msg!(Said::NoDefaultVpcs { provider: provider.name });
            faults.add("InvalidDefaultVpc", span, message, Said::WriteVpc);
        }
        return;
    };
    file.add_default_vpcs(block);
}

/// The limits that the lab raises, each at most as far as the provider does.
fn quotas(lab: &LabTable, provider: &Provider, faults: &mut Faults) -> Quotas {
    let mut quotas = Quotas::default();
    for (quota, text) in &lab.quotas {
        let key = quota.key();
        let Some((_, most)) = provider.raises.iter().find(|(raised, _)| raised == quota) else {
            let message = msg!(Said::RaisesNothing { provider: provider.name, quota: key });
            faults.add("InvalidQuota", &text.span, message, Said::LeaveQuotaOut);
            continue;
        };
        match text.value.parse::<u32>().ok().filter(|number| *number > 0 && *number as usize <= *most) {
            Some(number) => quotas.set(*quota, number),
            None => {
                let message = msg!(Said::NotALimit { text: &text.value, quota: key });
                faults.add("InvalidQuota", &text.span, message, msg!(Said::WriteLimit { most }));
            }
        }
    }
    quotas
}

fn provider(lab: &LabTable, providers: &[&'static Provider], faults: &mut Faults) -> Option<&'static Provider> {
    let written = lab.provider.as_ref()?;
    let provider = providers.iter().copied().find(|provider| provider.is_named(&written.value));
    if provider.is_none() {
        let names: Vec<_> = providers.iter().map(|provider| provider.name).collect();
        let called = providers.iter().find(|provider| provider.is_called(&written.value)).map(|provider| provider.name);
        let hint = match called.or_else(|| nearest(&written.value, names.iter().copied())) {
            Some(near) => did_you_mean(near),
            None => msg!(Said::ProviderIsOneOf { providers: names }),
        };
        faults.add("UnknownProvider", &written.span, msg!(Said::NoSuchProvider { provider: &written.value }), hint);
    }
    provider
}

fn accounts(tables: &[AccountTable], ids_of: &AccountIds, faults: &mut Faults) -> Vec<Account> {
    if tables.is_empty() {
        let hint = msg!(Said::AddAccount);
        faults.add("MissingKey", &(0..0), msg!(Said::NoAccount), hint);
    }
    let mut ids: BTreeMap<String, Span> = BTreeMap::new();
    let mut accounts = Vec::new();
    for table in tables {
        let name = &table.name;
        let (id, span) = match &table.id {
            Some(id) => (id.value.clone(), &id.span),
            None => (ids_of.derived(&name.value).to_string(), &name.span),
        };
        if !(ids_of.is_well)(&id) {
            faults.add("InvalidId", span, msg!(Said::NotAnAccountId { id }), (ids_of.hint)());
        }
        if let Some(first) = ids.get(&id) {
            let message = msg!(Said::SameAccountId { id });
            faults.add_pair("DuplicateId", span, first, message, msg!(Said::GiveEachItsOwnId));
        }
        ids.insert(id.clone(), span.clone());
        accounts.push(Account { name: AccountName::trusted(name.value.as_str()), id: Id(id.into()) });
    }
    accounts
}

/// The access keys of accounts: each id is one account's.
fn access_keys(tables: &[AccountTable], faults: &mut Faults) -> Vec<AccessKey> {
    let mut keys: Vec<AccessKey> = Vec::new();
    let mut places: BTreeMap<&str, &Span> = BTreeMap::new();
    for table in tables {
        let Some(AccessKeyTable { id, secret }) = &table.access_key else { continue };
        let plain = |text: &str| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        // Slashes and commas separate the id from other parts of a signature.
        if !plain(&id.value) || id.value.contains(['/', ',', '=']) {
            faults.add("InvalidAccessKey", &id.span, msg!(Said::NotAKeyId { id: &id.value }), msg!(Said::WriteKeyId));
        }
        if !plain(&secret.value) {
            faults.add("InvalidAccessKey", &secret.span, msg!(Said::NotASecret), msg!(Said::WriteSecret));
        }
        if let Some(first) = places.insert(&id.value, &id.span) {
            let message = msg!(Said::SameKeyId { id: &id.value });
            faults.add_pair("DuplicateAccessKey", &id.span, first, message, msg!(Said::GiveEachItsOwnKey));
        }
        let account = AccountName::trusted(table.name.value.as_str());
        keys.push(AccessKey { account, id: id.value.clone(), secret: secret.value.clone() });
    }
    keys
}

fn printable_wordings(wordings: Wordings) -> Wordings {
    let printable = |wording: Wording| Wording {
        title: wording.title.map(|title| printable(&title)),
        text: wording.text.map(|text| printable_lines(&text)),
    };
    wordings.into_iter().map(|(language, wording)| (language, printable(wording))).collect()
}

fn resolve_step(
    table: &StepTable,
    owners: &Owners,
    instances: &mut Instances,
    broken: &mut Broken,
    faults: &mut Faults,
) -> Step {
    let what = msg!(Said::StepOfNobody { step: &table.title.value });
    // A step without operations needs no account.
    let by_nobody = |line: &Text| super::line::parse(&line.value).is_ok_and(|line| line.call.kind().is_nobodys);
    let calls_nothing = table.account.is_none() && table.run.iter().all(by_nobody) && owners.accounts.len() > 1;
    let account = match calls_nothing {
        true => None,
        false => owners.account(table.account.as_ref(), what, &table.header, faults),
    };
    let caller = account.clone().unwrap_or_else(|| owners.anybody.clone());
    let operations = step::operations(&table.run, &caller, broken, faults);
    if account.is_none() && !calls_nothing {
        // The caller is unknown, so the operations cannot be checked.
        table.run.iter().for_each(|line| step::broken_line(&line.value, broken));
    }
    // An operation that must be refused creates nothing.
    let done = operations.len() - usize::from(table.refused.is_some() && !operations.is_empty());
    for operation in &operations[..done] {
        match &operation.call {
            Call::CreateInstance(call) => instances.add(&call.name, call.id.as_deref()),
            Call::DeleteInstance(call) => instances.remove(&call.name),
            _ => {}
        }
    }
    if let (Some(refused), true) = (&table.refused, table.run.is_empty()) {
        let hint = msg!(Said::AddOperation);
        faults.add("InvalidStep", &refused.span, msg!(Said::NothingIsRun), hint);
    }
    let is_broken = |name: &str| broken.contains(ResourceKind::Instance, name);
    let checks = table.checks.iter().filter_map(|check| check::resolve(check, instances, is_broken, faults));
    let checks = checks.collect();
    Step {
        title: printable(&table.title.value),
        account,
        text: table.text.as_ref().map(|text| printable_lines(&text.value)).unwrap_or_default(),
        wordings: printable_wordings(table.wordings.clone()),
        operations,
        refused: table.refused.as_ref().map(|code| (code.value.clone(), code.span.clone())),
        checks,
        span: table.span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;

    #[test]
    fn a_file_without_a_name_is_named_for_its_stem() {
        let name = |path| name_from_stem(stem(path));
        assert_eq!(name("labs/cross-account.toml"), "cross-account");
        assert_eq!(name("/tmp/My Lab_2.v1.toml"), "my-lab-2-v1");
        assert_eq!(name("labs.d/plain"), "plain");
    }

    #[test]
    fn a_stem_that_is_no_lab_name_asks_for_one_unless_the_user_gives_it() {
        let text = "[lab]\nprovider = \"alibaba\"\n[account.A]\n";
        let read = |file: &str, name| super::super::read_as(Source::new(file, text), name);
        for file in ["实验.toml", "a+b.toml", "_x.toml", ".toml", "<stdin>", "a\u{301}.toml", &"x".repeat(33)] {
            let errors = read(file, None).expect_err(file);
            assert_eq!(errors.0[0].code.as_deref(), Some("InvalidName"), "{file}");
            assert_eq!(errors.0[0].place.as_ref().map(|place| place.line()), Some(1), "{file}");
            assert_eq!(read(file, Some("mine")).expect(file).name, "mine");
        }
        assert_eq!(read("A b_c.d.toml", None).expect("a stem that fits").name, "a-b-c-d");
    }

    #[test]
    fn derived_account_ids_are_sixteen_digits_and_differ() {
        let [a, b] = ["A", "B"].map(|name| AccountIds::FREE.derived(name).to_string());
        assert_ne!(a, b);
        assert!(a.len() == 16 && a.chars().all(|c| c.is_ascii_digit()), "{a}");
    }
}
