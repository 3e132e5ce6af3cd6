//! Texts of a format that is given.

use jiff::Error;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZoneDatabase};

use super::Moment;

/// Reads a text by a pattern of `strptime` such as `%d/%m/%y`.
///
/// # Errors
/// What does not fit, or what the pattern lacks, in words.
pub(crate) fn read(format: &str, text: &str) -> Result<Moment, String> {
    BrokenDownTime::parse(format, text.trim_ascii())
        .and_then(moment)
        .map_err(|error| error.to_string())
}

fn moment(mut parts: BrokenDownTime) -> Result<Moment, Error> {
    if let Some(moment) = parts.timestamp() {
        let time = Offset::UTC.to_datetime(moment);
        return Ok(Moment::of_time(time.date(), time.time(), 0));
    }
    if parts.hour().is_some() && parts.minute().is_none() {
        parts.set_minute(Some(0))?;
    }
    let time = parts.to_time()?;
    if is_time_of_day(&parts) {
        return Ok(Moment::of_seconds(Moment::seconds_of(time)));
    }
    if parts.day().is_none() && parts.month().is_some() {
        parts.set_day(Some(1))?;
    }
    let date = parts.to_date()?;
    let offset = match (parts.offset(), parts.iana_time_zone()) {
        (Some(offset), _) => offset,
        (None, Some(name)) => {
            let zone = TimeZoneDatabase::bundled().get(name)?;
            zone.to_offset(zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible()?)
        }
        (None, None) => Offset::UTC,
    };
    Ok(Moment::of_time(date, time, offset.seconds()))
}

/// Whether a pattern asked for nothing of a day.
fn is_time_of_day(parts: &BrokenDownTime) -> bool {
    let of_week = parts.iso_week_year().is_some() || parts.day_of_year().is_some();
    parts.year().is_none() && parts.month().is_none() && parts.day().is_none() && !of_week && parts.hour().is_some()
}
