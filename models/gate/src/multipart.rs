//! Takes a multipart body (RFC 2046 section 5.1) apart as it arrives, holding no more than one chunk, one
//! part header and one delimiter.
//!
//! Own code, because `multer` keeps everything that is ready to be read, and a preamble or part header of any
//! length: a fast client could fill the memory with one upload.

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memmem::{self, Finder};

/// Longest header block of one part.
const LONGEST_HEADER: usize = 16 * 1024;
/// Longest text before the first delimiter.
const LONGEST_PREAMBLE: usize = 16 * 1024;
/// Longest white space after a delimiter.
const LONGEST_PADDING: usize = 256;

/// What is wrong with a multipart body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The boundary is empty, too long or holds what no boundary may.
    #[error("the boundary is not 1 to 70 characters that RFC 2046 allows")]
    BadBoundary,
    /// The text before the first delimiter is too long.
    #[error("no delimiter within the first {LONGEST_PREAMBLE} bytes")]
    NoDelimiter,
    /// A delimiter that does not end its line.
    #[error("a delimiter is followed by something other than a line end")]
    BadDelimiter,
    /// The header of a part is too long.
    #[error("the header of a part is longer than {LONGEST_HEADER} bytes")]
    HeaderTooLong,
    /// The header of a part is no header, or names two types.
    #[error("the header of a part cannot be read")]
    BadHeader,
    /// The body ended early.
    #[error("the body ends before its closing delimiter")]
    Truncated,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing until more is fed.
    NeedMore,
    /// A part begins; its Content-Type, if it has one.
    Part(Option<String>),
    /// Bytes of the part.
    Data(Bytes),
    /// The part is complete.
    PartEnd,
    /// The closing delimiter was read; what follows it is ignored.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble { skipped: usize },
    AfterDelimiter,
    Header,
    Data,
    Done,
}

/// The state between two chunks.
#[derive(Debug)]
pub struct Splitter {
    /// CRLF, two hyphens, boundary.
    delimiter: Finder<'static>,
    buffer: BytesMut,
    state: State,
}

impl Splitter {
    /// For a body whose parts are delimited by `boundary`, as its Content-Type says.
    pub fn new(boundary: &str) -> Result<Self, SplitError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
        if !(1..=70).contains(&boundary.len()) || !boundary.bytes().all(allowed) || boundary.ends_with(' ') {
            return Err(SplitError::BadBoundary);
        }
        let delimiter = format!("\r\n--{boundary}");
        Ok(Self {
            delimiter: Finder::new(delimiter.as_bytes()).into_owned(),
            // The first delimiter may stand at the very start, without the line end before it.
            buffer: BytesMut::from(b"\r\n".as_slice()),
            state: State::Preamble { skipped: 0 },
        })
    }

    /// Adds what arrived. Call [`Splitter::next_event`] until it needs more before feeding again.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.state != State::Done {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// To be called when the body ended.
    pub fn finish(&self) -> Result<(), SplitError> {
        if self.state == State::Done {
            Ok(())
        } else {
            Err(SplitError::Truncated)
        }
    }

    /// The next event of what was fed.
    pub fn next_event(&mut self) -> Result<Event, SplitError> {
        loop {
            match self.state {
                State::Preamble { skipped } => {
                    let Some(at) = self.delimiter.find(&self.buffer) else {
                        let skipped = skipped + self.drop_all_but_a_delimiters_beginning();
                        self.state = State::Preamble { skipped };
                        let too_long = skipped > LONGEST_PREAMBLE;
                        return if too_long {
                            Err(SplitError::NoDelimiter)
                        } else {
                            Ok(Event::NeedMore)
                        };
                    };
                    self.pass_delimiter(at);
                }
                State::AfterDelimiter => {
                    if self.buffer.len() < 2 {
                        return Ok(Event::NeedMore);
                    }
                    if self.buffer.starts_with(b"--") {
                        self.buffer.clear();
                        self.state = State::Done;
                        continue;
                    }
                    let padding = self
                        .buffer
                        .iter()
                        .take_while(|b| matches!(b, b' ' | b'\t'))
                        .count();
                    match self.buffer.get(padding..padding + 2) {
                        // The line end stays: an empty header is then the same four bytes as the end of a full one.
                        Some(b"\r\n") => {
                            self.buffer.advance(padding);
                            self.state = State::Header;
                        }
                        None if padding <= LONGEST_PADDING => return Ok(Event::NeedMore),
                        _ => return Err(SplitError::BadDelimiter),
                    }
                }
                State::Header => {
                    let within = &self.buffer[..self.buffer.len().min(LONGEST_HEADER)];
                    let Some(end) = memmem::find(within, b"\r\n\r\n") else {
                        let too_long = self.buffer.len() >= LONGEST_HEADER;
                        return if too_long {
                            Err(SplitError::HeaderTooLong)
                        } else {
                            Ok(Event::NeedMore)
                        };
                    };
                    let content_type = content_type(&self.buffer[..end])?;
                    self.buffer.advance(end + 4);
                    self.state = State::Data;
                    return Ok(Event::Part(content_type));
                }
                State::Data => return Ok(self.data()),
                State::Done => return Ok(Event::End),
            }
        }
    }

    fn data(&mut self) -> Event {
        if let Some(at) = self.delimiter.find(&self.buffer) {
            if at > 0 {
                return Event::Data(self.buffer.split_to(at).freeze());
            }
            self.pass_delimiter(0);
            return Event::PartEnd;
        }
        let certain = self
            .buffer
            .len()
            .saturating_sub(self.delimiter.needle().len() - 1);
        if certain == 0 {
            return Event::NeedMore;
        }
        Event::Data(self.buffer.split_to(certain).freeze())
    }

    fn pass_delimiter(&mut self, at: usize) {
        self.buffer.advance(at + self.delimiter.needle().len());
        self.state = State::AfterDelimiter;
    }

    fn drop_all_but_a_delimiters_beginning(&mut self) -> usize {
        let certain = self
            .buffer
            .len()
            .saturating_sub(self.delimiter.needle().len() - 1);
        self.buffer.advance(certain);
        certain
    }
}

/// The Content-Type of a header block, which may be empty.
fn content_type(block: &[u8]) -> Result<Option<String>, SplitError> {
    let block = std::str::from_utf8(block).map_err(|_| SplitError::BadHeader)?;
    let mut found = None;
    for line in block.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or(SplitError::BadHeader)?;
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic());
        if !is_name {
            return Err(SplitError::BadHeader);
        }
        if name.eq_ignore_ascii_case("content-type") && found.replace(value.trim().to_owned()).is_some() {
            return Err(SplitError::BadHeader);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Parts = Vec<(Option<String>, Vec<u8>)>;

    fn split(boundary: &str, chunks: &[&[u8]]) -> Result<Parts, SplitError> {
        let mut splitter = Splitter::new(boundary)?;
        let mut parts = Parts::new();
        for chunk in chunks {
            splitter.feed(chunk);
            loop {
                match splitter.next_event()? {
                    Event::NeedMore | Event::End => break,
                    Event::Part(content_type) => parts.push((content_type, Vec::new())),
                    Event::Data(bytes) => parts.last_mut().unwrap().1.extend_from_slice(&bytes),
                    Event::PartEnd => {}
                }
            }
            let held = splitter.buffer.len();
            assert!(held <= LONGEST_HEADER + 80, "{held} bytes are held back");
        }
        splitter.finish()?;
        Ok(parts)
    }

    #[test]
    fn well_formed() {
        let dicom = || Some("application/dicom".to_owned());
        let rows: &[(&str, Parts)] = &[
            (
                "--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--b\r\ncontent-type:application/dicom\r\nX: y\r\n\r\ntwo\r\n--b--",
                vec![(dicom(), b"one".into()), (dicom(), b"two".into())],
            ),
            // Preamble, padding, no header, a line end as data, a false delimiter, an epilogue.
            (
                "hello\r\n--b \t\r\n\r\n\r\n\r\n--b--bye",
                vec![(None, b"\r\n".into())],
            ),
            (
                "--b\r\n\r\n\r\n-b\r\n--\r\n--b--\r\n",
                vec![(None, b"\r\n-b\r\n--".into())],
            ),
            ("--b\r\n\r\n\r\n--b--", vec![(None, vec![])]),
            ("--b--", vec![]),
        ];
        for (body, parts) in rows {
            assert_eq!(split("b", &[body.as_bytes()]).as_ref(), Ok(parts), "{body:?}");
            let single: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
            assert_eq!(split("b", &single).as_ref(), Ok(parts), "{body:?} byte by byte");
        }
    }

    #[test]
    fn malformed() {
        let long = format!("--b\r\nX: {}", "y".repeat(2 * LONGEST_HEADER));
        let preamble = "x".repeat(2 * LONGEST_PREAMBLE);
        let padding = format!("--b{}", " ".repeat(2 * LONGEST_PADDING));
        let rows: &[(&str, SplitError)] = &[
            ("", SplitError::Truncated),
            ("--b\r\n\r\nhalf", SplitError::Truncated),
            ("--b\r\n\r\nall\r\n--b", SplitError::Truncated),
            ("--bc\r\n\r\n", SplitError::BadDelimiter),
            ("--b\r\nno colon\r\n\r\n", SplitError::BadHeader),
            (
                "--b\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n",
                SplitError::BadHeader,
            ),
            (&long, SplitError::HeaderTooLong),
            (&preamble, SplitError::NoDelimiter),
            (&padding, SplitError::BadDelimiter),
        ];
        for (body, error) in rows {
            let chunks: Vec<&[u8]> = body.as_bytes().chunks(1000).collect();
            assert_eq!(split("b", &chunks), Err(*error), "{body:.40}");
        }
        for boundary in ["", "a b ", "a\r\nb", "\u{e4}", &"b".repeat(71)] {
            assert_eq!(split(boundary, &[]), Err(SplitError::BadBoundary), "{boundary:?}");
        }
    }

    proptest! {
        /// Whatever the parts hold and wherever the chunks are cut, the parts come back.
        #[test]
        fn any_parts_in_any_chunks(
            parts in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\n-bx".to_vec()), 0..40), 0..5),
            cut in 1usize..30,
        ) {
            // A delimiter inside the data is the sender's mistake.
            prop_assume!(parts.iter().all(|part| memmem::find(part, b"\r\n--bb").is_none()));
            let mut body = Vec::new();
            for part in &parts {
                body.extend_from_slice(b"--bb\r\nContent-Type: a/b\r\n\r\n");
                body.extend_from_slice(part);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"--bb--");
            let want: Parts = parts.into_iter().map(|part| (Some("a/b".to_owned()), part)).collect();
            // The line end after a part begins a delimiter too, so data may end where one seems to begin.
            prop_assume!(want.iter().all(|(_, part)| {
                let closed = [part.as_slice(), b"\r\n--bb"].concat();
                memmem::find(&closed, b"\r\n--bb") == Some(part.len())
            }));
            let chunks: Vec<&[u8]> = body.chunks(cut).collect();
            prop_assert_eq!(split("bb", &chunks), Ok(want));
        }

        #[test]
        fn never_panics(body in prop::collection::vec(any::<u8>(), 0..300), cut in 1usize..50) {
            let chunks: Vec<&[u8]> = body.chunks(cut).collect();
            let _ = split("b", &chunks);
        }
    }
}
