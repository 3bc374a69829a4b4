//! Thousands of random runs.

use understudy_swarm::swarm;

#[test]
fn two_thousand_random_runs_break_nothing() {
    let result = swarm::run(0..2_000, 2, 5, &|_| ());
    for (seed, violation) in &result.failed {
        println!("seed {seed}: {violation}");
    }
    println!("{} passed, {:?}", result.passed, result.total);
    assert!(result.failed.is_empty(), "`understudy swarm --runs 1 --seed SEED` tells more of each");
}
