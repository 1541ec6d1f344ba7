//! Keys of a pressure profile: when a step, a contact and an excess is one.

use crate::{Parameter, Preset};

const PUTTI: &str = "Putti et al. 2008, Gait Posture 27:501 (53 healthy adults, emed ST4)";
const MUN104: &str = "mean print of 104 walkers (Pataky et al. 2011, Gait Posture 33:418) under this program's masks";
const SPREAD: &str = "a third of the mean, as forefoot peaks spread (Shorten et al. 1989, J Biomech 22:1083); hallux, toes and \
                      midfoot 44 % as the hallux does in Putti et al. 2008";

/// Keys of a pressure profile.
pub const PRESSURE: &[Parameter] = &[
    Parameter::text("name", Preset::Required, "name shown on sheets", "lab"),
    Parameter::number(
        "contact_force_n",
        (1.0, 200.0, "N"),
        Preset::Number(20.0),
        "a contact begins at this force, or at contact_force_pct if that is more",
        "20 N as with force plates",
    ),
    Parameter::number(
        "contact_force_pct",
        (0.0, 50.0, "%"),
        Preset::Number(5.0),
        "a contact begins at this share of the recording's usual peak force",
        "insoles keep up to 3 % of it in the air by the shoe's lacing",
    ),
    Parameter::number(
        "release_pct",
        (10.0, 100.0, "%"),
        Preset::Number(60.0),
        "a contact ends under this share of the force at which it begins",
        "hysteresis wider than the noise of an unloaded insole, a few newtons",
    ),
    Parameter::number(
        "step_shortest_s",
        (0.05, 2.0, "s"),
        Preset::Number(0.3),
        "shortest contact that is a step",
        "stance of walking lasts 0.55 to 0.8 s; running 0.2 to 0.35 s",
    ),
    Parameter::number(
        "step_longest_s",
        (0.5, 10.0, "s"),
        Preset::Number(1.6),
        "longest contact that is a step; longer ones are standing",
        "twice a slow walker's stance",
    ),
    Parameter::number(
        "contact_kpa",
        (1.0, 100.0, "kPa"),
        Preset::Number(10.0),
        "a cell touches the foot from this pressure on",
        "threshold of emed platforms",
    ),
    Parameter::number(
        "path_force_n",
        (10.0, 300.0, "N"),
        Preset::Number(50.0),
        "least force at which a center of pressure is known",
        "40-50 N, as with force plates",
    ),
    Parameter::number(
        "load_low_bw",
        (0.1, 2.0, "body weights"),
        Preset::Number(0.85),
        "lowest usual peak force of a walking step",
        "walking peaks at 1.0-1.2 body weights; insoles miss some shear and rim",
    ),
    Parameter::number(
        "load_high_bw",
        (0.5, 5.0, "body weights"),
        Preset::Number(1.4),
        "highest usual peak force of a walking step",
        "walking peaks at 1.0-1.2, brisk at 1.3-1.5 body weights",
    ),
    Parameter::number(
        "neuropathic_limit_kpa",
        (50.0, 1000.0, "kPa"),
        Preset::Number(200.0),
        "in-shoe limit for feet without protective sensation",
        "Owings et al. 2009, Diabet Med 26:1141; IWGDF guidelines",
    ),
    Parameter::number(
        "excess_sd",
        (0.5, 6.0, "standard deviations"),
        Preset::Number(2.0),
        "a peak is excessive from this far over the norm on",
        "97.7 % of healthy walkers are under it",
    ),
    norm("norm_medial_heel_kpa", 313.0, PUTTI),
    norm("norm_medial_heel_sd_kpa", 77.0, PUTTI),
    norm("norm_lateral_heel_kpa", 313.0, PUTTI),
    norm("norm_lateral_heel_sd_kpa", 77.0, PUTTI),
    norm("norm_midfoot_kpa", 70.0, MUN104),
    norm("norm_midfoot_sd_kpa", 31.0, SPREAD),
    norm("norm_metatarsal_1_kpa", 253.0, MUN104),
    norm("norm_metatarsal_1_sd_kpa", 84.0, SPREAD),
    norm("norm_metatarsal_2_3_kpa", 361.0, PUTTI),
    norm("norm_metatarsal_2_3_sd_kpa", 104.0, PUTTI),
    norm("norm_metatarsal_4_5_kpa", 216.0, MUN104),
    norm("norm_metatarsal_4_5_sd_kpa", 71.0, SPREAD),
    norm("norm_hallux_kpa", 321.0, PUTTI),
    norm("norm_hallux_sd_kpa", 141.0, PUTTI),
    norm("norm_toes_kpa", 134.0, MUN104),
    norm("norm_toes_sd_kpa", 59.0, SPREAD),
];

/// A peak pressure of healthy barefoot walkers, or its standard deviation between them.
const fn norm(key: &'static str, kpa: f64, source: &'static str) -> Parameter {
    Parameter::number(
        key,
        (1.0, 2000.0, "kPa"),
        Preset::Number(kpa),
        "peak pressure of healthy barefoot walkers in the region (sd: its standard deviation between them)",
        source,
    )
}
