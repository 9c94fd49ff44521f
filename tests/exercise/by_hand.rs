//! The exercises in labs/exercises: each has a story in both languages, breaks a check, and its solution mends it.

use std::fs;
use std::path::{Path, PathBuf};

use peerlab::error::Source;
use peerlab::exercise::{assess, hints, solution, text};
use peerlab::lab::{self, Lab};
use peerlab::language::Language;

use super::support::Machine;
use super::{applied, fails};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs/exercises");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12, "only {} exercises", files.len());
    files
}

fn read(path: &Path) -> Lab {
    lab::read(Source::new(path.to_str().unwrap(), fs::read_to_string(path).unwrap())).unwrap()
}

#[test]
fn each_exercise_is_broken_each_fault_is_needed_and_its_solution_mends_it() {
    for path in files() {
        let lab = read(&path);
        let of = &lab.name;
        let healthy = lab.rehearse().unwrap().0;
        assert!(!fails(&lab, &healthy), "{of}: a check of the author's lab fails");
        let broken_lab = lab::read_as(Source::new(&**of, text(&lab, None, None, None)), None).unwrap();
        let broken = broken_lab.build().unwrap().0;
        assert!(fails(&lab, &broken), "{of}: nothing fails");
        let solution = solution(&broken_lab, &healthy);
        for left in 0..lab.faults.len() {
            let others = solution.mends.iter().enumerate().filter(|(index, _)| *index != left);
            let one_left = applied(&broken, others.flat_map(|(_, mend)| mend)).expect(of);
            assert!(fails(&lab, &one_left), "{of}: fault {left} is not needed");
        }
        let mended = applied(&broken, solution.mends.iter().flatten()).expect(of);
        assert!(!fails(&lab, &mended), "{of}: {solution:?}");
        let deeds: Vec<_> = solution.mends.iter().flatten().map(|it| (it.caller.clone(), it.call.clone())).collect();
        let seen = assess(&broken_lab, &healthy, &broken, &mended, &deeds);
        assert!(seen.faults.iter().all(|fault| fault.found && fault.mended), "{of}: {seen:?}");
        assert!(seen.collateral.is_empty(), "{of}: {:?}", seen.collateral);
        for (language, fault) in [Language::English, Language::Chinese]
            .iter()
            .flat_map(|it| lab.faults.iter().map(move |fault| (*it, fault)))
        {
            assert!(fault.hints_in(language).len() >= 2, "{of}: hints");
            assert!(lab.title_in(language).is_some() && lab.text_in(language).is_some(), "{of}");
        }
        assert!(lab.faults.iter().any(|fault| fault.ticket_in(Language::English).is_some()), "{of}: no ticket");
        assert_ne!(lab.faults[0].ticket_in(Language::English), lab.faults[0].ticket_in(Language::Chinese), "{of}");
        assert!(hints(&broken_lab, &healthy, &broken, Language::Chinese).is_some());
    }
}

#[test]
fn each_exercise_is_mended_on_a_real_kernel() {
    let machine = Machine::new();
    for path in files() {
        let name = read(&path).name;
        machine.ok(&format!("test {}", path.display())).says("all hold");
        machine.ok(&format!("exercise start {} --name x", path.display()));
        machine.peerlab("exercise grade").exits(1);
        let solution = machine.ok("exercise solution --json").json();
        for fault in solution["faults"].as_array().unwrap() {
            for it in fault["mend"].as_array().unwrap() {
                let (account, operation) = (it["account"].as_str().unwrap(), it["operation"].as_str().unwrap());
                machine.ok(&format!("api --as {account} {operation}"));
            }
        }
        machine.ok("verify --final");
        let grade = machine.peerlab("exercise grade --json").json();
        assert_eq!(grade["checks"]["failed"], 0, "{name}: {grade}");
        machine.ok("down");
    }
}
