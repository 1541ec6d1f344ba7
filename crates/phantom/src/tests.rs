use geometry::check_closed;

use super::*;

#[test]
fn the_default_foot_is_closed() {
    let foot = generate(&PhantomSettings::default()).unwrap();
    assert_eq!(check_closed(&foot.mesh), Ok(()));
}
