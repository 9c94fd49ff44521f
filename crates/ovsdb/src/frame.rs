//! Messages in a stream: JSON objects, one after the other, without a separator.

use serde_json::Value;

/// The largest accepted message, in bytes.
const LARGEST: usize = 256 << 20;

/// Takes a stream of bytes apart into its messages.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// How much was looked at: so each byte is looked at once.
    seen: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

/// The stream contains what is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

impl Frames {
    /// Adds what was read.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, if it is there as a whole.
    pub(crate) fn next(&mut self) -> Result<Option<Value>, Damaged> {
        while let Some(byte) = self.bytes.get(self.seen) {
            self.seen += 1;
            if self.in_text {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'{' | b'[' => self.depth += 1,
                b'"' if self.depth > 0 => self.in_text = true,
                b'}' | b']' => {
                    self.depth = self.depth.checked_sub(1).ok_or(Damaged)?;
                    if self.depth == 0 {
                        let message = serde_json::from_slice(&self.bytes[..self.seen]).map_err(|_| Damaged)?;
                        self.bytes.drain(..self.seen);
                        self.seen = 0;
                        return Ok(Some(message));
                    }
                }
                _ if self.depth == 0 && !byte.is_ascii_whitespace() => return Err(Damaged),
                _ => {}
            }
        }
        if self.bytes.len() > LARGEST { Err(Damaged) } else { Ok(None) }
    }
}
