//! Settings of scheduling: pairs, short work and default start times.

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::{
    config::{ConfigError, Reader},
    domain::{
        calendar,
        event::default_start::{USUAL_CORE_MAX, UsualStarts},
        policy::{Policy, SupervisorTime},
    },
};

/// A Supervisor event stays within the day of its CORE.
const SUPERVISOR_OFFSET_MINUTES_MAX: u32 = 23 * 60;
/// In the retailer's export 47 of 90 visits overlap other work at the same store, all of at most half an hour.
const SHORT_WORK_MINUTES_DEFAULT: u32 = 30;
const SHORT_WORK_MINUTES_MAX: u32 = 120;

pub(super) fn read(from: &mut Reader, zone: Tz) -> Result<Policy, ConfigError> {
    let pairing = from.setting("supervisor_pairing", "Supervisor events follow their CORE").flag(true)?;
    let offset = from.setting("supervisor_offset_minutes", "Minutes from a CORE's start to its Supervisor's");
    let minutes = offset.number(120, 0..=SUPERVISOR_OFFSET_MINUTES_MAX, " minutes")?;
    let fixed = from.setting("supervisor_at", "A fixed time for all Supervisor events instead").time_or("", "")?;
    let short_work = "Longest work that may overlap other work at the same store; 0 for none";
    let short_work_minutes = from.setting("short_work_minutes", short_work);
    let short_work_minutes =
        short_work_minutes.number(SHORT_WORK_MINUTES_DEFAULT, 0..=SHORT_WORK_MINUTES_MAX, " minutes")?;
    let supervisor_time = fixed.map_or(SupervisorTime::After { minutes }, SupervisorTime::At);
    Ok(Policy { pairing, supervisor_time, usual: default_starts(from)?, short_work_minutes, zone })
}

fn default_starts(from: &mut Reader) -> Result<UsualStarts, ConfigError> {
    let parse_all = |texts: &[String]| {
        let times: Option<Vec<NaiveTime>> = texts.iter().map(|text| calendar::parse_time(text).ok()).collect();
        times.filter(|times| !times.is_empty()).and_then(|times| UsualStarts::NONE.with_core(&times))
    };
    let allowed = format!("1 to {USUAL_CORE_MAX} times of day, HH:MM");
    let core = from.setting("usual_core", "Default starts of COREs; the least used is proposed");
    let mut starts = core.list(&["09:45", "10:30", "11:00", "11:30"], &allowed, parse_all)?;
    let mut time = |name, what, default| from.setting(name, what).time(default).map(Some);
    starts.juicer = time("usual_juicer", "Default start of a Juicer event", "09:00")?;
    starts.juicer_short = time("usual_juicer_survey", "Default start of Juicer work of at most an hour", "12:00")?;
    starts.freeosk = time("usual_freeosk", "Default start of a Freeosk event", "10:00")?;
    starts.digitals = time("usual_digitals", "Default start of a Digitals event", "10:15")?;
    starts.other = time("usual_other", "Default start of any other event", "11:00")?;
    Ok(starts)
}
