//! Exercises (docs/lab-format.md §8): breaks a lab, proves that it can be mended, says what a user notices, and grades the
//! repair. It only reads Clouds and asks [`trace`]; what it makes is text for a lab file.
//!
//! | file | content |
//! |---|---|
//! | `kinds` | every fault that a Cloud can have, by kind |
//! | `proof` | whether a fault breaks a check, and which operations mend it |
//! | `make` | the faults of a seed |
//! | `difficulty` | how hard they are |
//! | `tell` | ticket and hints |
//! | `assess` | which faults are found and mended, and what else is different now |
//! | `weights` | the score |

#![forbid(unsafe_code)]

mod assess;
mod difficulty;
mod flows;
mod kinds;
mod make;
mod messages;
mod proof;
mod random;
mod tell;
mod weights;
mod wide;

use peerlab_cloud::{self as cloud, flow};
use peerlab_lab as lab;
use peerlab_message as message;
use peerlab_message::{error, language, messages, msg};
use peerlab_trace as trace;

pub use assess::{Assessment, Collateral, FaultSeen, assess};
pub use kinds::Candidate;
pub use make::{Made, Maker, Unmade, Wish, text};
pub use messages::word_of_kind;
pub use proof::{Solution, repair, solution};
pub use random::seed_of;
pub use tell::{Hints, Symptom, hints, symptoms};
pub use weights::{Score, Weights};
