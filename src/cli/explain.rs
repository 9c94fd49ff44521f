//! `peerlab explain FROM TO [PROTOCOL]`
use super::context::Context;
use super::{Ending, Explain};
use crate::error::Errors;
pub(super) fn run(_arguments: &Explain, _context: &Context) -> Result<Ending, Errors> {
    todo!()
}
