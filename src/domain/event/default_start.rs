//! Default start times by type.

use chrono::NaiveTime;

use crate::domain::event::EventType;

/// Most default times of CORE events.
pub const USUAL_CORE_MAX: usize = 12;
/// Longest Juicer work that counts as short, in minutes. In the retailer's export a survey has 15, a production 480.
pub const JUICER_SHORT_MINUTES_MAX: u32 = 60;

/// Default start times, several for COREs. Supervisors follow their COREs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsualStarts {
    core: [NaiveTime; USUAL_CORE_MAX],
    core_count: usize,
    pub juicer: Option<NaiveTime>,
    /// Juicer work of at most [`JUICER_SHORT_MINUTES_MAX`]: the survey of a production.
    pub juicer_short: Option<NaiveTime>,
    pub freeosk: Option<NaiveTime>,
    pub digitals: Option<NaiveTime>,
    pub other: Option<NaiveTime>,
}

impl UsualStarts {
    pub const NONE: Self = Self {
        core: [NaiveTime::MIN; USUAL_CORE_MAX],
        core_count: 0,
        juicer: None,
        juicer_short: None,
        freeosk: None,
        digitals: None,
        other: None,
    };

    /// Same with these times for COREs; None if there are more than [`USUAL_CORE_MAX`].
    pub fn with_core(self, times: &[NaiveTime]) -> Option<Self> {
        let mut core = [NaiveTime::MIN; USUAL_CORE_MAX];
        core.get_mut(..times.len())?.copy_from_slice(times);
        Some(Self { core, core_count: times.len(), ..self })
    }

    /// The default times of a type and length of work.
    pub fn for_work(&self, event_type: EventType, minutes: u32) -> &[NaiveTime] {
        match event_type {
            EventType::Juicer if minutes <= JUICER_SHORT_MINUTES_MAX && self.juicer_short.is_some() => {
                self.juicer_short.as_slice()
            }
            _ => self.of(event_type),
        }
    }

    pub fn of(&self, event_type: EventType) -> &[NaiveTime] {
        match event_type {
            EventType::Core => &self.core[..self.core_count],
            EventType::Juicer => self.juicer.as_slice(),
            EventType::Freeosk => self.freeosk.as_slice(),
            EventType::Digitals => self.digitals.as_slice(),
            EventType::Other => self.other.as_slice(),
            EventType::Supervisor => &[],
        }
    }
}
