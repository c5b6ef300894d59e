//! Reading part of an event's history reads only that part.

use tandem::{
    domain::ids::EventId,
    store::{Table, tables::audit},
};

use super::{Counting, add, move_pair, pair, read};

#[test]
fn a_page_of_a_long_history_reads_only_its_entries() {
    let store = super::fresh();
    let [core, supervisor] = pair(606_001);
    add(&store, &[core.clone(), supervisor.clone()]).unwrap();
    let days = ["2025-10-16", "2025-10-17"].into_iter().cycle();
    let made: Vec<_> = days.take(120).map(|day| move_pair(&store, core.id, day).unwrap().entry.unwrap()).collect();
    let sequence = |index: usize| made[index].sequence;
    let history = |event: EventId| {
        read(&store, |tx| {
            let tx = Counting::of(tx, Table::EventAudit);
            let newest_first = audit::recent_of(&tx, event, 3)?;
            assert_eq!(
                newest_first.iter().map(|entry| entry.sequence).collect::<Vec<_>>(),
                [119, 118, 117].map(sequence)
            );
            assert_eq!(audit::last_of(&tx, event)?.as_ref(), made.last());
            assert_eq!(audit::next_of(&tx, event, sequence(40))?, Some(made[41].clone()));
            assert_eq!(audit::next_of(&tx, event, sequence(119))?, None);
            assert_eq!(tandem::store::queries::undo_window::undone_by(&tx, &made[40])?, None);
            Ok(tx.keys.get())
        })
    };

    assert_eq!((history(core.id), history(supervisor.id)), (3 + 1 + 1 + 1, 3 + 1 + 1 + 1));
}
