//! Whether the numbers of a date stand in the order that their signs stand for.
//!
//! Rule of this file: a date is never guessed. Where a column holds a date that can only be read the other way round, a date
//! that can be read both ways is refused.

use crate::import::values;

/// A date written with numbers alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    first: u32,
    second: u32,
    /// With points, the day comes first, otherwise the month.
    has_points: bool,
}

/// The numbers of a text that is a date, or a date and a time of day, in either order.
pub fn numbers(text: &str) -> Option<Numbers> {
    let (first, rest) = values::number(text, 2)?;
    let sign = rest.chars().next().filter(|sign| matches!(sign, '/' | '-' | '.'))?;
    let (second, rest) = values::number(rest.strip_prefix(sign)?, 2)?;
    let (_, rest) = values::year(rest.strip_prefix(sign)?)?;
    let time = rest.strip_prefix(',').unwrap_or(rest).trim();
    let fits = (1..=31).contains(&first) && (1..=31).contains(&second) && first.min(second) <= 12;
    (fits && (time.is_empty() || values::time_of_day(time).is_some())).then_some(Numbers {
        first,
        second,
        has_points: sign == '.',
    })
}

impl Numbers {
    fn month_and_day(self) -> (u32, u32) {
        if self.has_points { (self.second, self.first) } else { (self.first, self.second) }
    }

    /// Whether it is a date only with day and month the other way round.
    pub fn is_contrary(self) -> bool {
        self.month_and_day().0 > 12
    }

    /// Whether it is another date with day and month the other way round.
    fn is_ambiguous(self) -> bool {
        self.first <= 12 && self.second <= 12 && self.first != self.second
    }
}

/// What the dates of a column say about their order, without and with points.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order {
    is_contrary: [bool; 2],
    is_certain: [bool; 2],
}

impl Order {
    /// Learns from a cell; texts that are no such date say nothing.
    pub fn add(&mut self, text: &str) {
        let Some(numbers) = numbers(text) else { return };
        let which = usize::from(numbers.has_points);
        self.is_contrary[which] |= numbers.is_contrary();
        self.is_certain[which] |= numbers.month_and_day().1 > 12;
    }

    /// Whether a date of this column may have been meant the other way round. In a file that elsewhere has a date in the other
    /// order, a column without any proof of its own is doubtful too.
    pub fn is_doubtful(self, text: &str, all: &[Self]) -> bool {
        let Some(numbers) = numbers(text).filter(|numbers| numbers.is_ambiguous()) else { return false };
        let which = usize::from(numbers.has_points);
        let elsewhere = || !self.is_certain[which] && all.iter().any(|other| other.is_contrary[which]);
        self.is_contrary[which] || elsewhere()
    }
}
