use super::*;

#[test]
fn the_built_in_table_is_well_formed() {
    Mapping::built_in().unwrap();
}
