//! An employee chosen from a list of the best, or entered by name or number.

use crate::{
    domain::{alike::search_key, employee::Employee},
    views::changes::{
        Person,
        employee_picker::{OTHER, Other},
    },
};

/// Most employees listed in a row of a bulk form. The chosen one is always among them.
pub const LISTED_MAX: usize = 20;

/// The best employees, and the number of others.
pub fn listed(mut people: Vec<Person>, chosen: &str, typed: &str) -> (Vec<Person>, Other) {
    let rest = people.split_off(people.len().min(LISTED_MAX));
    let all = rest.len();
    people.extend(rest.into_iter().find(|one| one.id == chosen));
    let unlisted = all - people.len().saturating_sub(LISTED_MAX);
    (people, Other { unlisted, typed: typed.to_owned() })
}

/// The id that a field means. A text that matches no employee, or several, stays [`OTHER`].
pub fn chosen(employee: String, typed: &str, all_employees: &[Employee]) -> String {
    if employee != OTHER {
        return employee;
    }
    named(typed, all_employees).map_or(employee, |one| one.id.to_string())
}

/// "Jane Doe (102)" as the list of names writes it, a number, a name, or a part of one that only one person has.
fn named<'a>(typed: &str, all_employees: &'a [Employee]) -> Option<&'a Employee> {
    let typed = typed.trim();
    let number = typed.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map_or(typed, |(_, id)| id);
    let wanted = search_key(typed);
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut found = all_employees.iter().filter(|one| fits(&search_key(&one.name)));
        found.next().filter(|_| found.next().is_none())
    };
    let by_number = all_employees.iter().find(|one| one.id.as_str() == number);
    by_number
        .or_else(|| only(&|name| name == wanted))
        .or_else(|| if wanted.is_empty() { None } else { only(&|name| name.contains(&wanted)) })
}

/// Why a field that stays [`OTHER`] cannot be used.
pub fn unknown(typed: &str) -> String {
    match typed.trim() {
        "" => "Enter the name or number of an employee.".to_owned(),
        typed => format!("\u{201c}{typed}\u{201d} matches no employee, or more than one. Choose a name from the list."),
    }
}
