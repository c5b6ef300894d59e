//! The findings that a form showed. A reason given in it accepts these, and no others.

use std::{collections::BTreeSet, convert::Infallible, fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::domain::{ids::EventId, rules::Finding};

/// Marks of findings that refuse. A form carries them as hexadecimal numbers with blanks between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown(BTreeSet<u64>);

impl Shown {
    /// The marks of findings, each about an event.
    pub fn of<'a>(findings: impl IntoIterator<Item = (EventId, &'a Finding)>) -> Self {
        let mut shown = Self::default();
        shown.add(findings);
        shown
    }

    pub fn add<'a>(&mut self, findings: impl IntoIterator<Item = (EventId, &'a Finding)>) {
        self.0.extend(findings.into_iter().filter(|(_, finding)| finding.refuses).map(mark));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells if all of `others` are among these.
    #[must_use]
    pub fn covers(&self, others: &Self) -> bool {
        others.0.is_subset(&self.0)
    }
}

/// The sentence is part of it: it names the person, and the facts do not.
fn mark((event, Finding { rule, message, clash, facts, .. }): (EventId, &Finding)) -> u64 {
    let digest = Sha256::digest(format!("{event}\0{rule}\0{clash:?}\0{facts}\0{message}").as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks: Vec<_> = self.0.iter().map(|mark| format!("{mark:x}")).collect();
        f.write_str(&marks.join(" "))
    }
}

impl FromStr for Shown {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.split_whitespace().filter_map(|mark| u64::from_str_radix(mark, 16).ok()).collect()))
    }
}
