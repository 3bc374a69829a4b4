//! Installing Debian packages, where that is possible without asking anybody.

use std::process::Command;

use crate::console::Step;
use crate::process;

/// Installs `packages` through apt, as root or through a sudo that asks no password.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<(), String> {
    if process::find_on_path("apt-get").is_none() {
        return Err("this system has no apt-get".into());
    }
    let is_root = process::read(Command::new("id").arg("-u"))?.trim() == "0";
    if !is_root && !process::capture(Command::new("sudo").args(["-n", "true"])).is_ok_and(|sudo| sudo.success)
    {
        return Err("apt-get needs root, and sudo would ask for a password".into());
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        if !is_root {
            command.args(["-n", "env"]);
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
        process::run(&mut command)
    };
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(packages);
    let step = Step::begin(format!("apt-get install {}", packages.join(" ")), why);
    if apt_get(&install).is_err() {
        // Fresh containers have no package lists, and old ones name files that are gone.
        apt_get(&["update"])?;
        apt_get(&install)?;
    }
    step.done();
    Ok(())
}
