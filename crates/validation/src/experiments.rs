//! What the model says of each published intervention, on its reference foot and normative stance.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use gait::{GaitMetrics, Person};
use knee::{
    Device, FootContact, KneeModel, Materials, Parameters, Prediction, ReferenceFoot,
    ReferenceOrthosis, Refinements, Region, Response, edge_roll_mm, medial_contact,
};
use vocabulary::{Angle, Findings};

/// The person of the handbook's check values.
const PERSON: Person = Person { mass_kg: 75.0, height_m: 1.72 };

/// Lab noise of one gait session, percent (handbook, section 2.6, level 3).
const SESSION_SD_PCT: f64 = 4.0;

/// Part of stance over which a mean eversion is taken, percent (as in the handbook's calibration).
const MIDDLE_OF_STANCE: std::ops::RangeInclusive<f64> = 15.0..=70.0;

/// A floor that yields 0.03 mm under a bare heel; the contact's single precision carries no stiffer one, kPa/mm.
const FLOOR_KPA_PER_MM: f64 = 1e4;

/// The insole of row 20: 9.5 mm of 0.6 MPa foam, kPa/mm.
const FOAM_KPA_PER_MM: f64 = 600.0 / 9.5;

/// By how much a conforming insole confines the heel pad (handbook's reference).
const CONFORMING: f64 = 1.1;

/// How far forward such an insole follows the heel's roundness, in foot lengths (same).
const CONFORMING_TO: f64 = 0.3;

/// How much stiffer the lateral half of a variable-stiffness sole is; the handbook tried 1.3, 1.5 and 2.
const LATERAL_SOLE: f64 = 1.5;

/// The model and what it was asked, each question once.
#[derive(Debug)]
pub struct Experiments {
    model: KneeModel,
    five_degree_wedge: OnceCell<Prediction>,
    /// Devices that were asked for, with the answers.
    responses: RefCell<Vec<(ReferenceOrthosis, Rc<Response>)>>,
}

impl Experiments {
    /// The model with the calibrated parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::with_model(reference_model(&PERSON, &GaitMetrics::default(), Parameters::default()))
    }

    /// The model with what it does beyond the reference implementation.
    #[must_use]
    pub fn refined(refinements: Refinements) -> Self {
        let parameters = Parameters { refinements, ..Parameters::default() };
        Self::with_model(reference_model(&PERSON, &GaitMetrics::default(), parameters))
    }

    pub(crate) fn with_model(model: KneeModel) -> Self {
        Self { model, five_degree_wedge: OnceCell::new(), responses: RefCell::default() }
    }

    /// The model behind the experiments.
    #[must_use]
    pub fn model(&self) -> &KneeModel {
        &self.model
    }

    /// The model's figure for a named experiment, in the unit of the rows that name it; `None` for a name that
    /// is not known.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<f64> {
        let (experiment, measure) = name.rsplit_once('.').unwrap_or((name, ""));
        match (experiment, measure) {
            ("lw5", "medial-force") => Some(self.medial_force_change(&self.wedge(5.0, 5.0))),
            ("lw5.force" | "lw5-arch.force", region) => self.force_change(experiment, region),
            ("cop-sensitivity", "kam1") => {
                Some(self.change(&self.wedge(5.0, 5.0), 0) / self.cop_shift(&self.wedge(5.0, 5.0)))
            }
            ("cop-sensitivity", "medial-force") => {
                let wedge = self.wedge(5.0, 5.0);
                Some(self.medial_force_change(&wedge) / self.cop_shift(&wedge))
            }
            ("eversion-slope", "rearfoot") => Some(self.eversion_per_degree()),
            ("eversion-slope", "full-length") => Some(self.eversion(&self.wedge(5.0, 5.0)) / 5.0),
            ("medial-posts", "linearity") => Some(self.medial_posts().1),
            ("medial-posts", "kam1-per-degree") => Some(self.medial_posts().0),
            ("skive2", _) => Some(self.skive(2.0)),
            ("skive4", _) => Some(self.skive(4.0)),
            ("skive6", _) => Some(self.skive(6.0)),
            ("insole", "flat") => Some(heel_relief(false)),
            ("insole", "conforming") => Some(heel_relief(true)),
            ("variable-stiffness", "kam1") => Some(self.variable_stiffness()),
            ("observed", "rose") => Some(self.observed_above(0.0)),
            ("observed", "missed-2") => Some(self.observed_above(-2.0)),
            ("baseline", "kam1") => Some(self.model.stance().kam_metrics().pct_bwht(&PERSON)[0]),
            ("baseline-halved", "ratio") => Some(self.halved_baseline_ratio()),
            ("heel-only-share", _) => {
                Some(self.change(&self.wedge(5.0, 0.0), 0) / self.change(&self.wedge(5.0, 5.0), 0))
            }
            ("supported-ratio", _) => {
                let supported = self.arch(self.wedge(5.0, 5.0), 0.8, 60.0);
                Some(self.change(&supported, 0) / self.change(&self.wedge(5.0, 5.0), 0))
            }
            (device, measure) => self.plain(device, measure),
        }
    }

    /// Devices by name, measured in the plain ways.
    fn plain(&self, device: &str, measure: &str) -> Option<f64> {
        let none = self.wedge(0.0, 0.0);
        let orthosis = match device {
            "lw5" => self.wedge(5.0, 5.0),
            "lw10" => self.wedge(10.0, 10.0),
            "mw5" => self.wedge(-5.0, -5.0),
            "mw6" => self.wedge(-6.0, -6.0),
            "lw5-heel" => self.wedge(5.0, 0.0),
            "lw5-arch" => self.arch(self.wedge(5.0, 5.0), 0.8, 60.0),
            "arch-half" => self.arch(none, 0.5, 15.0),
            "arch-stiff" => self.arch(none, 0.8, 60.0),
            "arch-rigid" => self.arch(none, 1.0, 200.0),
            _ => return None,
        };
        match measure {
            "kam1" => Some(self.change(&orthosis, 0)),
            "kam2" => Some(self.change(&orthosis, 1)),
            "kaai" => Some(self.change(&orthosis, 2)),
            "cop" => Some(self.cop_shift(&orthosis)),
            "eversion" => Some(self.eversion(&orthosis)),
            _ => None,
        }
    }

    fn wedge(&self, rearfoot_deg: f64, forefoot_deg: f64) -> ReferenceOrthosis {
        ReferenceOrthosis {
            rearfoot_post: Angle::from_deg(rearfoot_deg),
            forefoot_post: Angle::from_deg(forefoot_deg),
            transmission: self.model.parameters().transmission,
            refinements: self.model.parameters().refinements,
            ..ReferenceOrthosis::default()
        }
    }

    fn arch(&self, orthosis: ReferenceOrthosis, fill: f64, shell: f64) -> ReferenceOrthosis {
        let materials = Materials { shell_kpa_per_mm: Some(shell), ..orthosis.materials };
        ReferenceOrthosis { arch_fill: fill, materials, ..orthosis }
    }

    fn response(&self, orthosis: &ReferenceOrthosis) -> Rc<Response> {
        let known = |(device, _): &&(ReferenceOrthosis, Rc<Response>)| device == orthosis;
        if let Some((_, response)) = self.responses.borrow().iter().find(known) {
            return Rc::clone(response);
        }
        let device = Device::reference_orthosis(self.model.foot(), orthosis);
        let response = Rc::new(self.model.evaluate(&device));
        self.responses.borrow_mut().push((*orthosis, Rc::clone(&response)));
        response
    }

    /// Change of first peak, second peak or impulse, percent.
    fn change(&self, orthosis: &ReferenceOrthosis, which: usize) -> f64 {
        self.kam_change(&self.response(orthosis))[which]
    }

    fn kam_change(&self, response: &Response) -> [f64; 3] {
        let before = self.model.stance().kam_metrics();
        self.model.kam_metrics(&response.adduction_moment_nm).change_pct(&before)
    }

    fn cop_shift(&self, orthosis: &ReferenceOrthosis) -> f64 {
        self.response(orthosis).cop_shift_mm[self.model.first_peak()]
    }

    fn eversion(&self, orthosis: &ReferenceOrthosis) -> f64 {
        self.response(orthosis).eversion_rad[self.model.first_peak()].to_degrees()
    }

    /// Mean eversion over mid stance per degree of a rearfoot post on a rigid shell, from 5° to both sides.
    fn eversion_per_degree(&self) -> f64 {
        let percent = &self.model.stance().percent;
        let mean = |deg: f64| {
            let orthosis = ReferenceOrthosis { transition: 0.62, ..self.wedge(deg, 0.0) };
            let inside: Vec<f64> = percent
                .iter()
                .zip(&self.response(&orthosis).eversion_rad)
                .filter(|(percent, _)| MIDDLE_OF_STANCE.contains(percent))
                .map(|(_, turn)| turn.to_degrees())
                .collect();
            inside.iter().sum::<f64>() / inside.len() as f64
        };
        (mean(5.0) - mean(-5.0)) / 10.0
    }

    /// Rise of the first peak per degree of medial rearfoot post, and R² of the line through 2° to 10°.
    fn medial_posts(&self) -> (f64, f64) {
        let points: Vec<(f64, f64)> = [2.0, 4.0, 6.0, 8.0, 10.0]
            .iter()
            .map(|&deg| {
                (
                    deg,
                    self.change(
                        &ReferenceOrthosis { transition: 0.62, ..self.wedge(-deg, 0.0) },
                        0,
                    ),
                )
            })
            .collect();
        let n = points.len() as f64;
        let mean = |value: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
        let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
        let (xx, yy, xy) = (
            mean(&|p| (p.0 - x).powi(2)),
            mean(&|p| (p.1 - y).powi(2)),
            mean(&|p| (p.0 - x) * (p.1 - y)),
        );
        (xy / xx, xy * xy / (xx * yy))
    }

    /// Change of the medial contact force's first peak, percent.
    fn medial_force_change(&self, orthosis: &ReferenceOrthosis) -> f64 {
        let (stance, response) = (self.model.stance(), self.response(orthosis));
        let before = medial_contact(stance, &stance.adduction_moment_nm, &stance.flexion_moment_nm);
        let after =
            medial_contact(stance, &response.adduction_moment_nm, &response.flexion_moment_nm);
        100.0 * (after.peak1_n / before.peak1_n - 1.0)
    }

    /// Change of the peak force under a region against a flat insole, percent.
    fn force_change(&self, experiment: &str, region: &str) -> Option<f64> {
        let region = match region {
            "medial-heel" => Region::MedialHeel,
            "lateral-heel" => Region::LateralHeel,
            "midfoot" => Region::Midfoot,
            "medial-forefoot" => Region::MedialForefoot,
            "lateral-forefoot" => Region::LateralForefoot,
            _ => return None,
        };
        let wedge = self.wedge(5.0, 5.0);
        let worn = if experiment == "lw5.force" { wedge } else { self.arch(wedge, 0.8, 60.0) };
        let force = |orthosis: &ReferenceOrthosis| {
            self.response(orthosis).pressure.region(region).peak_force_n
        };
        Some(100.0 * (force(&worn) / force(&self.wedge(0.0, 0.0)) - 1.0))
    }

    /// Change of the medial heel's peak pressure by a skive, against the same cupped device without one, percent.
    fn skive(&self, skive_mm: f64) -> f64 {
        let device = |skive_mm: f64| {
            let shell = self.arch(self.wedge(0.0, 0.0), 0.7, 60.0);
            let materials = Materials { cup_mm: 12.0, ..shell.materials };
            let orthosis = ReferenceOrthosis { cup_fill: 0.8, skive_mm, materials, ..shell };
            self.response(&orthosis).pressure.region(Region::MedialHeel).peak_pressure_kpa
        };
        100.0 * (device(skive_mm) / device(0.0) - 1.0)
    }

    /// First peak in a shoe whose lateral half is stiffer, percent.
    fn variable_stiffness(&self) -> f64 {
        let foot = self.model.foot();
        let mut shoe = Device::flat(foot, self.model.parameters());
        for (stiffness, y) in shoe.stiffness_kpa_per_mm.iter_mut().zip(&foot.y_mm) {
            if *y > 0.0 {
                *stiffness *= LATERAL_SOLE;
            }
        }
        self.kam_change(&self.model.evaluate(&shoe))[0]
    }

    /// Share of people in whom a gait lab would see a change above `limit_pct` with a 5° wedge.
    fn observed_above(&self, limit_pct: f64) -> f64 {
        let prediction = self.five_degree_wedge.get_or_init(|| {
            let wedge = self.wedge(5.0, 5.0);
            self.model.predict(&Device::reference_orthosis(self.model.foot(), &wedge))
        });
        prediction.kam_peak1.likelihood.observed_above(limit_pct, SESSION_SD_PCT)
    }

    /// Percent change of a person with half the adduction moment over that of the reference.
    fn halved_baseline_ratio(&self) -> f64 {
        let reference = self.model.stance().kam_metrics().pct_bwht(&PERSON);
        let metrics = GaitMetrics {
            kam_peak1_pct_bwht: Some(reference[0] / 2.0),
            kam_peak2_pct_bwht: Some(reference[1] / 2.0),
            ..GaitMetrics::default()
        };
        let halved = Self::with_model(reference_model(&PERSON, &metrics, *self.model.parameters()));
        halved.change(&halved.wedge(5.0, 5.0), 0) / self.change(&self.wedge(5.0, 5.0), 0)
    }
}

impl Default for Experiments {
    fn default() -> Self {
        Self::new()
    }
}

/// Change of the heel's peak pressure from the bare floor to an insole of foam, percent.
fn heel_relief(conforming: bool) -> f64 {
    let parameters = Parameters { shoe_kpa_per_mm: FLOOR_KPA_PER_MM, ..Parameters::default() };
    let model = reference_model(&PERSON, &GaitMetrics::default(), parameters);
    let mut insole = Device::flat(model.foot(), &parameters);
    insole.stiffness_kpa_per_mm.fill(FOAM_KPA_PER_MM);
    if conforming {
        let foot = model.foot();
        for node in (0..foot.len()).filter(|&node| foot.along(node) < CONFORMING_TO) {
            insole.heights_mm[node] = edge_roll_mm(foot.along(node), foot.across[node]);
        }
        insole.confinement.fill(CONFORMING);
    }
    let heel = |map: &knee::PressureMap| {
        [Region::MedialHeel, Region::LateralHeel]
            .iter()
            .map(|&region| map.region(region).peak_pressure_kpa)
            .fold(0.0, f64::max)
    };
    100.0 * (heel(&model.evaluate(&insole).pressure) / heel(model.baseline_pressure()) - 1.0)
}

/// The model on the handbook's foot and stance.
#[expect(clippy::expect_used, reason = "person, foot and stance are constants of this module")]
fn reference_model(person: &Person, metrics: &GaitMetrics, parameters: Parameters) -> KneeModel {
    let foot = ReferenceFoot::default();
    let stance = gait::stance(person, metrics, foot.length_mm, &mut Findings::new())
        .expect("a normative stance");
    KneeModel::new(FootContact::reference(&foot), stance, parameters)
        .expect("the reference foot stands")
}
