//! What a person is told, whole: the reason, the one-sentence summary, and the message.

use insta::assert_snapshot;

use super::notation::given;

const USERS: &str = "user-service 1.0.0\n user-service 2.0.0\n user-service 3.0.1\n";

fn with_users(lines: &str) -> String {
    format!("{USERS}{lines}")
}

#[test]
fn a_root_that_does_not_exist() {
    let given = given("payment-service *", USERS);
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        shop asks for payment-service, and there is no service of that name.
        ---
        shop asks for payment-service, and there is no service of that name.
          the catalogue has user-service
        To mend it: apply a GravityService of payment-service in namespace shop or a catalogue namespace.
    "#);
}

#[test]
fn a_root_with_a_typo() {
    let given = given("user-servce ^2", USERS);
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        shop asks for user-servce, and there is no service of that name.
        ---
        shop asks for user-servce, and there is no service of that name.
          the nearest name is user-service
        To mend it, do one of these:
          - if user-service is meant, write that name in GravityApp shop/shop
          - apply a GravityService of user-servce in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn a_dependency_with_a_typo() {
    let given = given(
        "order-service *",
        &with_users("order-service 1.0.0: user-sevrice ^2"),
    );
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        order-service 1.0.0 needs user-sevrice, and there is no service of that name.
        ---
        order-service 1.0.0 needs user-sevrice, and there is no service of that name.
          the nearest name is user-service
        To mend it, do one of these:
          - if user-service is meant, write that name in the dependencies of order-service 1.0.0
          - apply a GravityService of user-sevrice in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn missing_three_deep_with_two_who_ask() {
    let given = given(
        "web *",
        "web 1.0.0: order *, cart *
         order 1.0.0: payment ^1
         cart 1.0.0: payment *",
    );
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        cart 1.0.0 needs payment, and there is no service of that name.
        ---
        cart 1.0.0 needs payment, and there is no service of that name.
          cart 1.0.0 comes in by shop → web 1.0.0 → cart 1.0.0
          also needed by order 1.0.0
          the catalogue has cart, order, web
        To mend it: apply a GravityService of payment in namespace shop or a catalogue namespace.
    "#);
}

#[test]
fn missing_only_in_the_version_that_the_app_allows() {
    let given = given(
        "order ^2",
        "order 1.0.0
         order 2.0.0: payment ^1
         order 2.1.0: payment ^1",
    );
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        order 2.1.0 needs payment, and there is no service of that name.
        ---
        order 2.1.0 needs payment, and there is no service of that name.
          the catalogue has order
          order 1.0.0 does not need payment, but shop asks for order ^2
        To mend it, do one of these:
          - let GravityApp shop/shop ask for order ^1.0.0, which gives order 1.0.0
          - apply a GravityService of payment in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn an_empty_catalogue() {
    assert_snapshot!(given("order ^2", "").told(), @r#"
        DependencyMissing
        shop asks for order, and there is no service of that name.
        ---
        shop asks for order, and there is no service of that name.
          the catalogue is empty: there is no GravityService that can be used
        To mend it: apply a GravityService of order in namespace shop or a catalogue namespace.
    "#);
}

#[test]
fn a_range_that_no_version_is_in() {
    let given = given("user-service ^4", USERS);
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        shop asks for user-service ^4, and no version of it is in that range.
        ---
        shop asks for user-service ^4, and no version of it is in that range.
          user-service exists as 1.0.0, 2.0.0, 3.0.1
        To mend it, do one of these:
          - let GravityApp shop/shop ask for user-service ^3.0.1, which gives user-service 3.0.1
          - apply a GravityService of user-service in ^4 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn a_dependencys_range_that_no_version_is_in() {
    let given = given(
        "order-service *",
        &with_users("order-service 1.0.0: user-service ^4"),
    );
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        order-service 1.0.0 needs user-service ^4, and no version of it is in that range.
        ---
        order-service 1.0.0 needs user-service ^4, and no version of it is in that range.
          user-service exists as 1.0.0, 2.0.0, 3.0.1
        To mend it, do one of these:
          - release a version of order-service that works with user-service 3.0.1
          - apply a GravityService of user-service in ^4 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn only_pre_releases_fit() {
    let given = given("user ^2", "user 1.0.0\n user 2.0.0-rc.1\n user 2.0.0-rc.2");
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        shop asks for user ^2, and only pre-releases of it are near that range.
        ---
        shop asks for user ^2, and only pre-releases of it are near that range.
          user exists as 1.0.0, 2.0.0-rc.1, 2.0.0-rc.2
        To mend it, do one of these:
          - let GravityApp shop/shop ask for user ^1.0.0, which gives user 1.0.0
          - to try the pre-release, let shop ask for user ^2.0.0-rc.2
          - apply a GravityService of user in ^2 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn only_deprecated_versions_fit() {
    let given = given("user ^1", "user 1.0.0!\n user 1.1.0!\n user 2.0.0");
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        shop asks for user ^1, and every version of it in that range is deprecated.
        ---
        shop asks for user ^1, and every version of it in that range is deprecated.
          user exists as 1.0.0 (deprecated), 1.1.0 (deprecated), 2.0.0
        To mend it, do one of these:
          - let GravityApp shop/shop ask for user ^2.0.0, which gives user 2.0.0
          - take `deprecated` out of user 1.1.0
          - apply a GravityService of user in ^1 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn two_dependents_want_different_versions() {
    let given = given(
        "order-service *, cart-service ~1.4",
        &with_users(
            "order-service 2.1.0: user-service ^3
             cart-service 1.4.0: user-service ^2
             cart-service 1.5.0: user-service ^3",
        ),
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        cart-service 1.4.0 needs user-service ^2, and order-service 2.1.0 needs user-service ^3: no version is both.
        ---
        cart-service 1.4.0 needs user-service ^2, and order-service 2.1.0 needs user-service ^3: no version is both.
          user-service exists as 1.0.0, 2.0.0, 3.0.1
          cart-service 1.5.0 needs user-service ^3, which fits, but shop asks for cart-service ~1.4
        To mend it, do one of these:
          - let GravityApp shop/shop ask for cart-service ^1.5.0, which gives cart-service 1.5.0 and user-service 3.0.1
          - release a version of cart-service that works with user-service 3.0.1
          - release a version of order-service that works with user-service 2.0.0
    "#);
}

#[test]
fn the_other_version_has_a_problem_of_its_own() {
    let given = given(
        "order *, cart *",
        "order 2.1.0: user ^3
         cart 1.4.0: user ^2
         cart 1.3.0: user ^3, mail ^9
         mail 1.0.0
         user 2.0.0
         user 3.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        cart 1.4.0 needs user ^2, and order 2.1.0 needs user ^3: no version is both.
        ---
        cart 1.4.0 needs user ^2, and order 2.1.0 needs user ^3: no version is both.
          user exists as 2.0.0, 3.0.0
          cart 1.3.0 needs user ^3, which fits, but then cart 1.3.0 needs mail ^9, and no version of it is in that range
        To mend it, do one of these:
          - release a version of cart that works with user 3.0.0
          - release a version of order that works with user 2.0.0
    "#);
}

#[test]
fn a_conflict_three_deep() {
    let given = given(
        "shop-web *, admin *",
        "shop-web 1.0.0: order *
         order 2.0.0: ledger *
         ledger 1.0.0: user ^3
         admin 1.0.0: audit *
         audit 4.0.0: user ^2
         user 2.0.0
         user 3.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        audit 4.0.0 needs user ^2, and ledger 1.0.0 needs user ^3: no version is both.
        ---
        audit 4.0.0 needs user ^2, and ledger 1.0.0 needs user ^3: no version is both.
          audit 4.0.0 comes in by shop → admin 1.0.0 → audit 4.0.0
          ledger 1.0.0 comes in by shop → shop-web 1.0.0 → order 2.0.0 → ledger 1.0.0
          user exists as 2.0.0, 3.0.0
        To mend it, do one of these:
          - release a version of audit that works with user 3.0.0
          - release a version of ledger that works with user 2.0.0
    "#);
}

#[test]
fn three_want_what_only_two_can_have() {
    let given = given(
        "a *, b *, c *",
        "a 1.0.0: user >=1; <3
         b 1.0.0: user >=2; <4
         c 1.0.0: user <2
         user 1.0.0
         user 2.0.0
         user 3.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        b 1.0.0 needs user >=2, <4, and c 1.0.0 needs user <2: no version is both.
        ---
        b 1.0.0 needs user >=2, <4, and c 1.0.0 needs user <2: no version is both.
          user exists as 1.0.0, 2.0.0, 3.0.0
        To mend it, do one of these:
          - release a version of b that works with user 1.0.0
          - release a version of c that works with user 2.0.0
    "#);
}

#[test]
fn three_of_whom_each_two_agree() {
    let given = given(
        "a *, b *, c *",
        "a 1.0.0: user >=1; <3
         b 1.0.0: user >=2; <4
         c 1.0.0: user @^1
         user 1.0.0 @1.0.0
         user 2.0.0 @2.0.0
         user 3.0.0 @1.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        a 1.0.0 needs user >=1, <3; b 1.0.0 needs user >=2, <4; c 1.0.0 needs user * with contract ^1: no version is all of that.
        ---
        a 1.0.0 needs user >=1, <3; b 1.0.0 needs user >=2, <4; c 1.0.0 needs user * with contract ^1: no version is all of that.
          user exists as 1.0.0 (contract 1.0.0), 2.0.0 (contract 2.0.0), 3.0.0 (contract 1.0.0)
        To mend it, do one of these:
          - release a version of a that works with user 3.0.0
          - release a version of b that works with user 1.0.0
          - release a version of c that works with user 2.0.0
    "#);
}

#[test]
fn a_conflict_with_a_roots_range() {
    let given = given(
        "order-service *, user-service ^2",
        &with_users("order-service 2.1.0: user-service ^3"),
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        shop asks for user-service ^2, and order-service 2.1.0 needs user-service ^3: no version is both.
        ---
        shop asks for user-service ^2, and order-service 2.1.0 needs user-service ^3: no version is both.
          user-service exists as 1.0.0, 2.0.0, 3.0.1
        To mend it, do one of these:
          - let GravityApp shop/shop ask for user-service ^3.0.1, which gives user-service 3.0.1
          - release a version of order-service that works with user-service 2.0.0
    "#);
}

#[test]
fn no_version_offers_the_contract() {
    let given = given(
        "order *",
        "order 1.0.0: user ^1 @^2
         user 1.0.0 @1.4.0
         user 1.1.0
         user 2.0.0 @2.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        ContractMismatch
        order 1.0.0 needs user ^1 with contract ^2, and no version of it that may be chosen offers that contract.
        ---
        order 1.0.0 needs user ^1 with contract ^2, and no version of it that may be chosen offers that contract.
          user exists as 1.0.0 (contract 1.4.0), 1.1.0 (states no contract), 2.0.0 (contract 2.0.0)
        To mend it, do one of these:
          - release a version of order that works with user 2.0.0
          - apply a GravityService of user in ^1 with contract ^2 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn two_dependents_want_different_contracts() {
    let given = given(
        "order *, cart *",
        "order 1.0.0: user @^2
         cart 1.0.0: user @^1
         user 1.0.0 @1.4.0
         user 2.0.0 @2.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        cart 1.0.0 needs user * with contract ^1, and order 1.0.0 needs user * with contract ^2: no version is both.
        ---
        cart 1.0.0 needs user * with contract ^1, and order 1.0.0 needs user * with contract ^2: no version is both.
          user exists as 1.0.0 (contract 1.4.0), 2.0.0 (contract 2.0.0)
        To mend it, do one of these:
          - release a version of cart that works with user 2.0.0
          - release a version of order that works with user 1.0.0
    "#);
}

#[test]
fn an_optional_range_against_a_required_one() {
    let given = given(
        "order *, cart *",
        "order 1.0.0: stock? ^1
         cart 1.0.0: stock ^2
         stock 1.0.0
         stock 2.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        cart 1.0.0 needs stock ^2, and order 1.0.0 can use only stock ^1: no version is both.
        ---
        cart 1.0.0 needs stock ^2, and order 1.0.0 can use only stock ^1: no version is both.
          order 1.0.0 would do without stock, but stock is here for cart 1.0.0
          stock exists as 1.0.0, 2.0.0
        To mend it, do one of these:
          - release a version of cart that works with stock 1.0.0
          - release a version of order that works with stock 2.0.0
    "#);
}

#[test]
fn what_runs_is_gone() {
    let given = given(
        "order *, user *",
        "order 1.0.0: user >=1
         user 1.2.0",
    );
    assert_snapshot!(given.running("order 1.0.0, user 1.0.0").told(), @r#"
        LockedVersionGone
        user 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
        ---
        user 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
          shop asks for user *
          order 1.0.0 needs user >=1
          user exists as 1.2.0
        To mend it, do one of these:
          - apply the GravityService of user 1.0.0 again
          - let GravityApp shop/shop ask for user ^1.2.0, which gives user 1.2.0
    "#);
}

#[test]
fn what_runs_is_gone_and_nothing_is_left() {
    let given = given("order *", "order 1.0.0: user ^1");
    assert_snapshot!(given.running("user 1.0.0").told(), @r#"
        LockedVersionGone
        user 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
        ---
        user 1.0.0 runs, but its GravityService is gone, and every range still admits that version.
          order 1.0.0 needs user ^1
          no other version of user can be used
        To mend it: apply the GravityService of user 1.0.0 again.
    "#);
}

#[test]
fn the_newest_is_gone_under_automatic() {
    let given = given("user *", "user 1.0.0")
        .running("user 1.2.0")
        .automatic();
    assert_snapshot!(given.told(), @r#"
        LockedVersionGone
        user 1.2.0 runs, but its GravityService is gone, and every range still admits that version.
        ---
        user 1.2.0 runs, but its GravityService is gone, and every range still admits that version.
          shop asks for user *
          user exists as 1.0.0
        To mend it, do one of these:
          - apply the GravityService of user 1.2.0 again
          - let GravityApp shop/shop ask for user =1.0.0, which gives user 1.0.0
    "#);
}

#[test]
fn what_runs_cannot_be_used_any_more() {
    let given = given("user *", "user 1.0.0")
        .running("user 1.2.0")
        .rejected("user", "1.2.0", "an image has no spaces");
    assert_snapshot!(given.told(), @r#"
        LockedVersionGone
        user 1.2.0 runs, but its GravityService cannot be used any more, and every range still admits that version.
        ---
        user 1.2.0 runs, but its GravityService cannot be used any more, and every range still admits that version.
          shop asks for user *
          user exists as 1.0.0
          user 1.2.0 is there as GravityService shop/user-1.2.0, but cannot be used: spec.image: an image has no spaces
        To mend it, do one of these:
          - correct the GravityService shop/user-1.2.0
          - let GravityApp shop/shop ask for user =1.0.0, which gives user 1.0.0
    "#);
}

#[test]
fn what_would_fit_cannot_be_used() {
    let given = given(
        "order *",
        "order 1.0.0: user ^3
         user 2.0.0",
    )
    .rejected("user", "3.1.0", "an image has no spaces");
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        order 1.0.0 needs user ^3, and no version of it is in that range.
        ---
        order 1.0.0 needs user ^3, and no version of it is in that range.
          user exists as 2.0.0
          user 3.1.0 is there as GravityService shop/user-3.1.0, but cannot be used: spec.image: an image has no spaces
        To mend it, do one of these:
          - correct the GravityService shop/user-3.1.0
          - release a version of order that works with user 2.0.0
          - apply a GravityService of user in ^3 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn a_service_that_needs_itself() {
    assert_snapshot!(given("order *", "order 1.0.0: order *").told(), @r#"
        DependencyCycle
        order waits for itself before it starts.
        ---
        order waits for itself before it starts.
        To mend it: take order out of the dependencies of order 1.0.0.
    "#);
}

#[test]
fn two_that_wait_for_each_other() {
    let given = given("order *", "order 1.0.0: user *\n user 2.0.0: order ^1");
    assert_snapshot!(given.told(), @r#"
        DependencyCycle
        these services wait for one another to start: order → user → order.
        ---
        these services wait for one another to start: order → user → order.
        To mend it: write `startup: Unordered` at the dependency order of user 2.0.0: it still gets the URL of order, but does not wait for it.
    "#);
}

#[test]
fn a_long_cycle_beside_what_is_fine() {
    let given = given(
        "web *",
        "web 1.0.0: a *, log *
         a 1.0.0: b *, log *
         b 1.0.0: c *
         c 1.0.0: d *
         d 1.0.0: a *, log *
         log 1.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        DependencyCycle
        these services wait for one another to start: a → b → c → d → a.
        ---
        these services wait for one another to start: a → b → c → d → a.
        To mend it: write `startup: Unordered` at the dependency a of d 1.0.0: it still gets the URL of a, but does not wait for it.
    "#);
}

#[test]
fn two_cycles() {
    let given = given(
        "a *, m *",
        "a 1.0.0: b *
         b 1.0.0: a *
         m 1.0.0: n *
         n 1.0.0: m *",
    );
    assert_snapshot!(given.told(), @r#"
        DependencyCycle
        these services wait for one another to start: a → b → a (and 1 more problem).
        ---
        these services wait for one another to start: a → b → a.
        To mend it: write `startup: Unordered` at the dependency a of b 1.0.0: it still gets the URL of a, but does not wait for it.

        these services wait for one another to start: m → n → m.
        To mend it: write `startup: Unordered` at the dependency m of n 1.0.0: it still gets the URL of m, but does not wait for it.
    "#);
}

#[test]
fn a_cycle_of_ranges() {
    // a needs b, and b needs another a than the app: the circle of needs is no hindrance.
    let given = given(
        "a ^1",
        "a 1.0.0: b *
         a 2.0.0: b *
         b 1.0.0: a~ ^2",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        shop asks for a ^1, and b 1.0.0 needs a ^2: no version is both.
        ---
        shop asks for a ^1, and b 1.0.0 needs a ^2: no version is both.
          b 1.0.0 comes in by shop → a 1.0.0 → b 1.0.0
          a exists as 1.0.0, 2.0.0
        To mend it, do one of these:
          - let GravityApp shop/shop ask for a ^2.0.0, which gives a 2.0.0
          - release a version of b that works with a 1.0.0
    "#);
}

#[test]
fn two_independent_problems() {
    let given = given(
        "order *, cart *, mail ^7",
        "order 1.0.0: user ^3
         cart 1.0.0: user ^2
         mail 1.0.0
         user 2.0.0
         user 3.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        shop asks for mail ^7, and no version of it is in that range (and 1 more problem).
        ---
        shop asks for mail ^7, and no version of it is in that range.
          mail exists as 1.0.0
        To mend it, do one of these:
          - let GravityApp shop/shop ask for mail ^1.0.0, which gives mail 1.0.0
          - apply a GravityService of mail in ^7 in namespace shop or a catalogue namespace

        cart 1.0.0 needs user ^2, and order 1.0.0 needs user ^3: no version is both.
          user exists as 2.0.0, 3.0.0
        To mend it, do one of these:
          - release a version of cart that works with user 3.0.0
          - release a version of order that works with user 2.0.0
    "#);
}

#[test]
fn every_version_fails_for_another_reason() {
    let given = given(
        "order *",
        "order 1.0.0: payment ^1
         order 2.0.0: user ^9
         order 3.0.0: mail ^1, user ^1
         mail 1.0.0: user ^2
         user 1.0.0
         user 2.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        order 3.0.0 needs user ^1, and mail 1.0.0 needs user ^2: no version is both.
        ---
        order 3.0.0 needs user ^1, and mail 1.0.0 needs user ^2: no version is both.
          mail 1.0.0 comes in by shop → order 3.0.0 → mail 1.0.0
          user exists as 1.0.0, 2.0.0
          order 1.0.0 does not need user, but then order 1.0.0 needs payment, and there is no service of that name
        To mend it, do one of these:
          - release a version of order that works with user 2.0.0
          - release a version of mail that works with user 1.0.0
    "#);
}

#[test]
fn a_long_name_is_cut_in_the_summary() {
    let names: Vec<String> = (0..6)
        .map(|index| format!("{}-{index}", "a".repeat(38)))
        .collect();
    let lines: Vec<String> = (0..6)
        .map(|index| format!("{} 1.0.0: {} *", names[index], names[(index + 1) % 6]))
        .collect();
    let error = given(&names[0], &lines.join("\n")).resolve().unwrap_err();
    assert_eq!(error.summary().chars().count(), 300);
    assert!(error.summary().ends_with("…."));
}

#[test]
fn a_conflict_deep_below_that_every_choice_runs_into() {
    // Each version of order brings another half of the same contradiction.
    let given = given(
        "order *, base ^1",
        "order 1.0.0: left *
         order 2.0.0: right *
         left 1.0.0: base ^2
         right 1.0.0: mid *
         mid 1.0.0: base ^3
         base 1.0.0
         base 2.0.0
         base 3.0.0",
    );
    assert_snapshot!(given.told(), @r#"
        VersionConflict
        shop asks for base ^1, and mid 1.0.0 needs base ^3: no version is both.
        ---
        shop asks for base ^1, and mid 1.0.0 needs base ^3: no version is both.
          mid 1.0.0 comes in by shop → order 2.0.0 → right 1.0.0 → mid 1.0.0
          base exists as 1.0.0, 2.0.0, 3.0.0
        To mend it, do one of these:
          - let GravityApp shop/shop ask for base ^3.0.0, which gives base 3.0.0
          - release a version of mid that works with base 1.0.0
    "#);
}

#[test]
fn many_versions_are_not_all_listed() {
    let users: Vec<String> = (0..14).map(|minor| format!("user 1.{minor}.0")).collect();
    let given = given("user ^2", &users.join("\n"));
    assert_snapshot!(given.told(), @r#"
        NoMatchingVersion
        shop asks for user ^2, and no version of it is in that range.
        ---
        shop asks for user ^2, and no version of it is in that range.
          user exists as 4 older ones, 1.4.0, 1.5.0, 1.6.0, 1.7.0, 1.8.0, 1.9.0, 1.10.0, 1.11.0, 1.12.0, 1.13.0
        To mend it, do one of these:
          - let GravityApp shop/shop ask for user ^1.13.0, which gives user 1.13.0
          - apply a GravityService of user in ^2 in namespace shop or a catalogue namespace
    "#);
}

#[test]
fn four_missing_at_once() {
    let given = given("a *, b *, c *", "a 1.0.0: x *, y *\n b 1.0.0: z *");
    assert_snapshot!(given.told(), @r#"
        DependencyMissing
        shop asks for c, and there is no service of that name (and 3 more problems).
        ---
        shop asks for c, and there is no service of that name.
          the catalogue has a, b
        To mend it: apply a GravityService of c in namespace shop or a catalogue namespace.

        a 1.0.0 needs y, and there is no service of that name.
          the catalogue has a, b
        To mend it: apply a GravityService of y in namespace shop or a catalogue namespace.

        a 1.0.0 needs x, and there is no service of that name.
          the catalogue has a, b
        To mend it: apply a GravityService of x in namespace shop or a catalogue namespace.

        b 1.0.0 needs z, and there is no service of that name.
          the catalogue has a, b
        To mend it: apply a GravityService of z in namespace shop or a catalogue namespace.
    "#);
}
