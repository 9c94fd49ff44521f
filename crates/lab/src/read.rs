//! Reads a lab file, from its text to the resolved lab.

use super::file::File;
use super::lab::Lab;
use super::play::Refusals;
use super::reader::Faults;
use super::{resolve, syntax};
use crate::cloud::Provider;
use crate::error::{Errors, Source};

/// Reads a lab file: all of its errors in one run, each with its place.
///
/// Operations are parsed, not run: see [`Lab::build`] and [`Lab::rehearse`]. If the file has faults, refusals of the
/// other operations are reported with them.
pub fn read(source: Source) -> Result<Lab, Errors> {
    read_as(source, None)
}

/// The same for a lab to which the user gives a name; its file then needs no name.
pub fn read_as(source: Source, name: Option<&str>) -> Result<Lab, Errors> {
    read_of(source, name, &Provider::ALL)
}

/// Reads a lab of one of these providers.
pub fn read_of(source: Source, name: Option<&str>, providers: &[&'static Provider]) -> Result<Lab, Errors> {
    let mut faults = Faults::new(&source);
    let document = syntax::parse(&source.text, &mut faults);
    let broken_lines = syntax::BrokenLines::of(&source, &faults);
    let file = File::read(&document, &mut faults);
    let resolved = resolve::resolve(file, name, providers, &mut faults);
    if !faults.any()
        && let Some(resolved) = resolved
    {
        return Ok(resolved.lab);
    }
    if let Some(broken) = broken_lines {
        // Unparsed parts may cause errors below, so keep only errors that do not depend on them.
        faults.retain(|error| broken.keeps(error));
    } else if let Some(resolved) = resolved {
        let mut refusals = Refusals::new(&source, resolved.broken);
        resolved.lab.rehearse_with(&mut refusals);
        refusals.taken_down().into_iter().for_each(|error| faults.push(error));
    }
    Err(faults.into_errors())
}
