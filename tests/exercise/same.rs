//! The same file, seed, faults and kinds give the same exercise in every version of the same major number. The labs here are
//! copies, so that a shipped lab may change. `GOLDEN=write cargo test --test exercise same` writes the files again.

use std::fs;
use std::path::Path;

use peerlab::error::Source;
use peerlab::exercise::{Maker, Wish, text};
use peerlab::lab;

#[test]
fn a_seed_gives_the_exercise_that_it_always_gave() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exercise/same");
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    for name in ["aws-same-account", "hub-and-spoke", "vpc-peering"] {
        let source = fs::read_to_string(folder.join(name).with_extension("toml")).unwrap();
        let lab = lab::read(Source::new(name, source.clone())).unwrap();
        let healthy = lab.rehearse().unwrap().0;
        let mut maker = Maker::new(&lab, &healthy, &[]).unwrap();
        let exercises = (1..=8).map(|seed| {
            let wish = Wish { seed, faults: Some(1 + seed as usize % 2), difficulty: None };
            let made = maker.make(&wish).unwrap();
            let whole = text(&lab, Some(&made), Some(seed), None);
            let added: Vec<_> = whole.lines().filter(|line| !source.lines().any(|it| it == *line)).collect();
            format!("seed {seed}, difficulty {}\n{}\n", made.difficulty, added.join("\n"))
        });
        let exercises: Vec<_> = exercises.collect();
        let (is, file) = (exercises.join("\n"), folder.join(name).with_extension("txt"));
        if write {
            fs::write(&file, &is).unwrap();
        }
        assert_eq!(is, fs::read_to_string(&file).unwrap(), "{name}: other exercises than before");
    }
}
