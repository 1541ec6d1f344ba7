//! `solewright validate`: the knee model beside the published trials.

use std::io::IsTerminal as _;

use indicatif::ProgressBar;
use validation::{
    CalibrationSettings, Experiments, Posterior, Refinements, Validation, calibrate, validate,
};

use crate::Refusal;
use crate::optimize::Model;

/// Compare the knee model with published trials, or calibrate it again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  solewright validate knee")]
pub(crate) struct Arguments {
    /// What to do.
    #[arg(value_enum)]
    what: What,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// The knee model: as the reference implementation, or with refinements.
    #[arg(long, value_enum, default_value_t)]
    model: Model,
    /// Steps of the calibration's chain, a third of which is thrown away.
    #[arg(long, default_value_t = 6000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    steps: u32,
    /// Seed of the calibration's random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// Every published result beside the model's figure, with a verdict.
    Knee,
    /// The posterior of the five calibrated parameters, from targets and priors.
    Calibration,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Refusal> {
    let refinements = match arguments.model {
        Model::Reference => Refinements::NONE,
        Model::Refined => Refinements::DEFENSIBLE,
    };
    let experiments = Experiments::refined(refinements);
    match arguments.what {
        What::Knee => show_validation(&validate(&experiments), arguments.json),
        What::Calibration => {
            let steps = arguments.steps as usize;
            let settings = CalibrationSettings { steps, warm_up: steps / 3, seed: arguments.seed };
            let hidden = arguments.json || !std::io::stderr().is_terminal();
            let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(steps as u64) };
            let posterior =
                calibrate(&experiments, &settings, |done| bar.set_position(done as u64));
            bar.finish_and_clear();
            show_posterior(&posterior, arguments.json)
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<(), Refusal> {
    say!("{}", serde_json::to_string(value)?);
    Ok(())
}

fn show_validation(validation: &Validation, as_json: bool) -> Result<(), Refusal> {
    if as_json {
        return json(validation);
    }
    for checked in &validation.rows {
        let row = &checked.row;
        say!("{:>2}  {} (n = {}, {}; {})", row.id, row.source, row.n, row.population, row.role);
        say!("    {}: {} [{}]", row.intervention, row.outcome, row.unit);
        if !checked.comparisons.is_empty() {
            say!("    published {}; model {}", checked.published, checked.model);
        }
        say!("    verdict: {}; spread: {} ({})", checked.verdict, row.spread, row.certainty);
        if let Some(note) = &row.note {
            say!("    note: {note}");
        }
    }
    say!("");
    say!("What the model does not do:");
    for failure in &validation.failures {
        say!(
            "  {} (published {}, model {:.2})",
            failure.statement,
            failure.published,
            failure.model
        );
    }
    Ok(())
}

fn show_posterior(posterior: &Posterior, as_json: bool) -> Result<(), Refusal> {
    if as_json {
        return json(posterior);
    }
    say!("{:<32} {:>18} {:>20}", "parameter", "prior", "posterior");
    for summary in &posterior.parameters {
        say!(
            "{:<32} {:>8.3} ± {:>7.3} {:>10.3} ± {:>7.3}",
            summary.name,
            summary.given,
            summary.given_sd,
            summary.mean,
            summary.sd
        );
    }
    say!("{:<32} {:>18} {:>20}", "target", "published", "model");
    for summary in &posterior.targets {
        say!(
            "{:<32} {:>8.2} ± {:>7.2} {:>10.2} ± {:>7.2}",
            summary.name,
            summary.given,
            summary.given_sd,
            summary.mean,
            summary.sd
        );
    }
    say!("accepted {:.0} % of the steps", 100.0 * posterior.acceptance);
    Ok(())
}
