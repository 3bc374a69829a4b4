//! Settings of a balancer that change while it runs. What is under way stays where it is.

use understudy_core::SimDuration;
use understudy_core::balancer::{Algorithm, ServerIndex, Weight};
use understudy_core::health::HealthConfig;

use super::{LoadBalancer, server_index};
use crate::ids::NodeId;
use crate::plan::pool_mode;
use crate::scenario::PoolMode;
use crate::world::ground::Ground;

impl LoadBalancer {
    /// Picks by another algorithm; false if it does already.
    pub(in crate::world) fn set_algorithm(&mut self, algorithm: Algorithm) -> bool {
        let changed = core::mem::replace(&mut self.settings.algorithm, algorithm) != algorithm;
        if changed {
            self.pool.set_algorithm(algorithm);
        }
        changed
    }

    /// Shares the work in another way; false if it does already.
    pub(in crate::world) fn set_mode(&mut self, mode: PoolMode) -> bool {
        let changed = core::mem::replace(&mut self.settings.mode, mode) != mode;
        if changed {
            self.pool.switch(pool_mode(mode));
        }
        changed
    }

    fn index_of(&self, ground: &Ground, server: NodeId) -> Option<ServerIndex> {
        self.settings.pool.iter().position(|&link| ground.plan.link(link).to == server).map(server_index)
    }

    /// Sets the weight of a server, if it is in the pool; whether that changed anything.
    pub(in crate::world) fn set_weight(&mut self, ground: &Ground, server: NodeId, weight: u32) -> bool {
        let Some(index) = self.index_of(ground, server) else { return false };
        let weight = Weight(weight);
        let changed = core::mem::replace(&mut self.settings.servers[index.get()].weight, weight) != weight;
        if changed {
            self.pool.set_weight(index, weight);
        }
        changed
    }

    /// Makes a server a standby or an active one, if it is in the pool; whether that changed anything.
    pub(in crate::world) fn set_standby(&mut self, ground: &Ground, server: NodeId, on: bool) -> bool {
        let Some(index) = self.index_of(ground, server) else { return false };
        self.settings.servers[index.get()].backup = on;
        self.pool.set_standby(index, on)
    }

    /// Sets how it checks; false if it does so already.
    pub(in crate::world) fn set_health(
        &mut self,
        ground: &mut Ground,
        interval: SimDuration,
        fall: u32,
        rise: u32,
    ) -> bool {
        let health = HealthConfig { interval, fall, rise, ..self.settings.health };
        let changed = core::mem::replace(&mut self.settings.health, health) != health;
        if changed && ground.is_up(self.id) {
            for index in 0..self.checked.len() {
                self.checked[index].checker.set_config(ground.now, health);
                self.set_check_alarm(ground, index);
            }
        }
        changed
    }
}
