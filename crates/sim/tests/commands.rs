//! Every command, at any time, in every shipped scenario: it reads back as it is written, nothing panics, and every
//! request is accounted for.

use std::rc::Rc;

use proptest::prelude::*;
use understudy_core::balancer::Algorithm;
use understudy_core::failover::{Command as Order, Mode, NodeIndex};
use understudy_sim::ids::{LinkId, NodeId};
use understudy_sim::scenario::{Behaviour, Fencing, PoolMode, ReadRoute};
use understudy_sim::{Command, Outcome, Plan, Scenario, Sim, SimDuration, TimedCommand, story};

use crate::worlds::SHIPPED;

/// The raw material of one command: numbers that are taken modulo what there is.
type Raw = (u8, u16, u16, u32, bool, bool);

fn plan(index: usize) -> Rc<Plan> {
    let (name, text) = SHIPPED[index % SHIPPED.len()];
    Rc::new(Scenario::read(name, text).expect("a shipped scenario is right"))
}

/// The command that the numbers come to; many name the wrong kind of node.
fn command(plan: &Plan, (verb, one, other, number, yes, also): Raw) -> Command {
    let nodes = u16::try_from(plan.nodes().len()).expect("few");
    let node = NodeId(one % nodes);
    let link = LinkId(other % u16::try_from(plan.links().len()).expect("few"));
    let database = NodeIndex(other % u16::try_from(plan.databases().len().max(1)).expect("few"));
    let pick = |of: usize| number as usize % of;
    match verb % 34 {
        0 => Command::Kill(node),
        1 => Command::KillMidRequest(node),
        2 => Command::Hang(node),
        3 => Command::Revive(node),
        4 => Command::Stop(node),
        5 => Command::Restart(node),
        6 => Command::Slow { node, times: number % 30 },
        7 => Command::Cut { link, forward: yes, back: also },
        8 => Command::Delay { link, delay: SimDuration::from_micros(u64::from(number % 3_000_000)) },
        9 => Command::Lose { link, loss_ppm: if yes { number % 1_000_001 } else { number % 100_000 } },
        10 => Command::SetRate {
            clients: node,
            mean_gap: SimDuration::from_micros(u64::from(number % 1_000_000) + 2_000),
        },
        11 => Command::SetWrites { clients: node, writes_ppm: number % 1_000_001 },
        12 => {
            let lasts = SimDuration::from_millis(u64::from(number % 5_000));
            Command::Overload { clients: node, times: number % 8, lasts }
        }
        13 => Command::SetAlgorithm { balancer: node, algorithm: Algorithm::ALL[pick(6)] },
        14 => Command::SetWeight { server: node, weight: number % 1_000_002 },
        15 => Command::SetPool { balancer: node, mode: PoolMode::ALL[pick(3)].0 },
        16 => Command::SetStandby { server: node, on: yes },
        17 => Command::SetHealth {
            balancer: node,
            interval: SimDuration::from_millis(u64::from(number % 4_000)),
            fall: number % 5,
            rise: u32::from(other) % 5,
        },
        18 => Command::SetRetry { balancer: node, on: yes },
        19 => Command::SetReads { server: node, reads: ReadRoute::ALL[pick(4)].0 },
        20 => Command::SetAllReads(ReadRoute::ALL[pick(4)].0),
        21 => Command::SetCommit { replicas: number % 4 },
        22 => Command::SetFencing { manager: node, fencing: Fencing::ALL[pick(3)].0 },
        23 => Command::Manage {
            manager: node,
            command: Order::SetMode(if yes { Mode::Automatic } else { Mode::Manual }),
        },
        24 => Command::Manage {
            manager: node,
            command: Order::Failover { to: also.then_some(database), allow_data_loss: yes },
        },
        25 => Command::Manage { manager: node, command: Order::Switchover { to: also.then_some(database) } },
        26 => Command::Manage { manager: node, command: Order::Rejoin { node: database } },
        27 => Command::Manage { manager: node, command: Order::ConfirmFenced },
        28 => Command::SetFirewall { firewall: node, on: yes },
        29 => Command::SetRecord { dns: node, node: NodeId(other % nodes), on: yes },
        30 => Command::SetTls { link, on: yes },
        31 => Command::SetHttps { on: yes },
        32 => Command::Attack { attacker: node, behaviour: Behaviour::ALL[pick(4)].0 },
        _ => Command::SetMonitoring { monitor: node, on: yes },
    }
}

fn check(sim: &Sim) {
    sim.check_invariants();
    let totals = sim.snapshot().totals;
    let by_outcome: u64 = Outcome::ALL.iter().map(|&outcome| totals.of(outcome)).sum();
    assert_eq!(totals.sent, by_outcome + totals.in_flight());
    let attack = totals.attack;
    assert_eq!(attack.sent, attack.ended() + attack.in_flight());
    assert!(totals.stale_reads <= totals.reads && totals.lost_writes <= totals.acknowledged_writes);
}

/// A run with these commands, each so many milliseconds after the one before. A node that a command names wrongly is
/// exchanged for the next, until one fits.
fn run(plan: &Rc<Plan>, seed: u64, acts: &[(u64, Raw)]) -> Sim {
    let mut sim = Sim::new(Rc::clone(plan), seed);
    for &(after, raw) in acts {
        let at = sim.now() + SimDuration::from_millis(after);
        sim.run_until(at, u64::MAX);
        for step in 0..u16::try_from(plan.nodes().len()).expect("few") {
            let raw = (raw.0, raw.1.wrapping_add(step), raw.2, raw.3, raw.4, raw.5);
            let command = command(plan, raw);
            if let Ok(entry) = sim.command(command) {
                assert!(entry.line(plan).contains(&command.write(plan)));
                break;
            }
        }
        check(&sim);
    }
    let at = sim.now() + SimDuration::from_secs(5);
    sim.run_until(at, u64::MAX);
    check(&sim);
    sim
}

/// Makes everything whole again, and gives the failover manager its freedom back.
fn heal(plan: &Plan, sim: &mut Sim) {
    let mut commands: Vec<Command> = Vec::new();
    for (link, _) in plan.links() {
        commands.push(Command::Cut { link, forward: false, back: false });
        commands.push(Command::Delay { link, delay: SimDuration::ZERO });
        commands.push(Command::Lose { link, loss_ppm: 0 });
    }
    for (node, _) in plan.nodes() {
        commands.push(Command::Slow { node, times: 1 });
        commands.push(Command::Kill(node));
        commands.push(Command::Revive(node));
        commands.push(Command::SetAlgorithm { balancer: node, algorithm: Algorithm::RoundRobin });
        commands.push(Command::SetPool { balancer: node, mode: PoolMode::ActiveActive });
        commands.push(Command::SetWeight { server: node, weight: 1 });
        commands.push(Command::SetWrites { clients: node, writes_ppm: 100_000 });
        commands.push(Command::SetRate { clients: node, mean_gap: SimDuration::from_millis(50) });
        commands.push(Command::SetHealth {
            balancer: node,
            interval: SimDuration::from_secs(1),
            fall: 3,
            rise: 2,
        });
        commands.push(Command::Manage { manager: node, command: Order::SetMode(Mode::Automatic) });
        commands.push(Command::SetFencing { manager: node, fencing: Fencing::None });
        commands.push(Command::Attack { attacker: node, behaviour: Behaviour::Idle });
        let records =
            plan.nodes().map(|(record, _)| Command::SetRecord { dns: node, node: record, on: true });
        commands.extend(records);
    }
    commands.push(Command::SetCommit { replicas: 0 });
    commands.push(Command::SetAllReads(ReadRoute::All));
    for command in commands {
        // What makes no sense for a node is refused, and that is all right here.
        let _ = sim.command(command);
    }
}

/// The newest of what the log tells.
fn told(sim: &Sim) -> String {
    let lines = sim.log().entries().rev().take(40).map(|entry| {
        format!("{} to {}: {}\n", entry.at, entry.last, story::sentence(&entry.fact, sim.plan()))
    });
    lines.collect()
}

fn raw() -> impl Strategy<Value = Raw> {
    (any::<u8>(), any::<u16>(), any::<u16>(), any::<u32>(), any::<bool>(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn whatever_is_done_whenever_every_request_is_accounted_for(
        scenario in 0..SHIPPED.len(),
        seed: u64,
        acts in proptest::collection::vec((0..3_000_u64, raw()), 0..25),
    ) {
        let plan = plan(scenario);
        let sim = run(&plan, seed, &acts);
        let again = run(&plan, seed, &acts);
        prop_assert_eq!(sim.trace_hash(), again.trace_hash());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn once_everything_is_whole_again_everything_is_answered(
        scenario in 0..SHIPPED.len(),
        seed: u64,
        acts in proptest::collection::vec((0..3_000_u64, raw()), 0..25),
    ) {
        let plan = plan(scenario);
        let mut sim = run(&plan, seed, &acts);
        // The script of a scenario comes to its end first.
        let at = sim.now().max(understudy_sim::SimTime::from_secs(60));
        sim.run_until(at, u64::MAX);
        heal(&plan, &mut sim);
        let healed = sim.now() + SimDuration::from_secs(45);
        sim.run_until(healed, u64::MAX);
        let before = sim.snapshot().totals;
        sim.run_until(healed + SimDuration::from_secs(20), u64::MAX);
        let after = sim.snapshot().totals;
        prop_assert!(after.of(Outcome::Answered) > before.of(Outcome::Answered) + 200, "{after:?}");
        prop_assert_eq!(after.failed(), before.failed(), "{}", told(&sim));
        check(&sim);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_command_reads_back_as_it_is_written(scenario in 0..SHIPPED.len(), raw in raw(), nanos: u64) {
        let plan = plan(scenario);
        let mut sim = Sim::new(Rc::clone(&plan), 1);
        let command = command(&plan, raw);
        if sim.schedule(TimedCommand { at: understudy_sim::SimTime::from_nanos(nanos), command }).is_ok() {
            let text = command.write(&plan);
            prop_assert_eq!(Command::parse(&text, &plan), Ok(command), "{}", text);
            let timed = TimedCommand { at: understudy_sim::SimTime::from_nanos(nanos), command };
            prop_assert_eq!(TimedCommand::parse(&timed.write(&plan), &plan), Ok(timed));
        }
    }

    #[test]
    fn any_rate_reads_back(nanos in 100_u64..100_000_000_000_000) {
        let plan = plan(0);
        let clients = plan.find("Readers").expect("it has clients");
        let command = Command::SetRate { clients, mean_gap: SimDuration::from_nanos(nanos) };
        prop_assert_eq!(Command::parse(&command.write(&plan), &plan), Ok(command));
    }

    #[test]
    fn any_text_is_a_command_or_gets_a_message(text in "[a-z*% .0-9-]{0,40}") {
        if let Err(problem) = Command::parse(&text, &plan(4)) {
            prop_assert!(!problem.to_string().is_empty());
        }
    }
}
