//! Writers who come between each other.

use live_config::{History, Key};

use crate::world::{PATIENCE, World, edit};

const COUNTER: &str = "orders/default/counter";

fn counter(history: &History) -> u32 {
    let key: Key = COUNTER.parse().unwrap();
    let now = history.now();
    now.get(&key).map_or(0, |change| change.edit.setting.as_ref().unwrap().value.parse().unwrap())
}

#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen() {
    let world = World::new().await;
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let writer = world.writer();
            tokio::spawn(async move {
                let mut written = 0;
                while written < 5 {
                    let next = |history: &History| {
                        Ok::<_, ()>(vec![edit(COUNTER, Some(&(counter(history) + 1).to_string()))])
                    };
                    // One that always came second tries again, as who uses it would.
                    written += u32::from(writer.write("test", next).await.is_ok());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let history = world.log().reach(1, PATIENCE).await.unwrap();
    assert_eq!(counter(&history), 20, "each of the 20 saw the one before");
    let values: Vec<_> =
        history.changes().map(|change| change.edit.setting.as_ref().unwrap().value.clone()).collect();
    let expected: Vec<_> = (1..=20).rev().map(|n: u32| n.to_string()).collect();
    assert_eq!(values, expected, "and none is there twice");
}

#[tokio::test]
async fn several_edits_are_written_together_or_not_at_all() {
    let world = World::new().await;
    let both =
        |_: &History| Ok::<_, ()>(vec![edit("a/default/x", Some("1")), edit("a/default/y", Some("2"))]);
    let version = world.writer().write("test", both).await.unwrap().version();
    let history = world.log().reach(version, PATIENCE).await.unwrap();
    assert_eq!((history.version(), history.now().iter().count()), (version, 2));

    let refused = world.writer().write("test", |_| Err::<Vec<_>, _>("no")).await;
    assert!(matches!(refused, Err(live_config::WriteError::Refused("no"))));
    let unchanged = world.writer().write("test", |_| Ok::<_, ()>(Vec::new())).await.unwrap().version();
    assert_eq!(unchanged, version, "nothing to do writes nothing");
}

#[tokio::test]
async fn each_edit_has_an_audit_record() {
    let world = World::new().await;
    world.set("a/default/x", Some("1")).await;
    world.set("a/default/x", None).await;
    let told = world.audited();
    let told: Vec<_> = told.iter().map(|it| (&*it.who, &*it.action, &*it.target)).collect();
    assert_eq!(told, [("test", "config.set", "a/default/x"), ("test", "config.delete", "a/default/x")]);
}

#[tokio::test]
async fn who_changed_what_when_and_why_is_kept() {
    let world = World::new().await;
    world.set("a/default/x", Some("1")).await;
    let version = world.set("a/default/x", None).await;
    let history = world.log().reach(version, PATIENCE).await.unwrap();
    assert_eq!(history.now().iter().count(), 0);
    let last = history.changes().next().unwrap();
    assert_eq!((last.edit.author.as_str(), last.edit.reason.as_deref()), ("ada", Some("a test")));
    assert!(last.edit.setting.is_none());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!((now - last.at).abs() < 60_000, "{} is the broker's time", last.at);
}
