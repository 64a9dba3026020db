from cognate.workspace.changes import PendingChanges


def test_changes_wait_until_they_rest():
    pending = PendingChanges(0.2)
    pending.note(["a"], now=0.0)
    pending.note(["b"], now=0.1)
    assert pending.take(0.2) == {}
    assert pending.wait_s(0.2) is not None
    assert pending.take(0.31) == {"a": False, "b": False}
    assert pending.wait_s(0.4) is None


def test_what_changes_without_rest_is_read_all_the_same():
    pending = PendingChanges(0.2)
    for tick in range(20):
        pending.note(["a"], now=tick * 0.1)
    assert pending.take(1.0) == {"a": False}


def test_an_urgent_path_takes_the_others_along():
    pending = PendingChanges(0.2)
    pending.note(["a"], now=0.0)
    pending.note(["b"], now=0.01, urgent=True)
    assert pending.take(0.01) == {"a": False, "b": False}


def test_a_later_edit_does_not_postpone_what_is_due():
    pending = PendingChanges(0.2)
    pending.note(["a"], now=0.0, urgent=True)
    pending.note(["b"], now=0.05)
    assert pending.take(0.06) == {"a": False, "b": False}


def test_the_first_typed_edit_after_a_rest_is_due_at_once_and_those_that_follow_wait():
    pending = PendingChanges(0.2)
    pending.note(["a"], now=10.0, typed=True)
    assert pending.take(10.0) == {"a": True}
    pending.note(["a"], now=10.1, typed=True)
    pending.note(["a"], now=10.2, typed=True)
    assert pending.take(10.3) == {}
    assert pending.take(10.41) == {"a": True}
    pending.note(["a"], now=10.7, typed=True)
    assert pending.take(10.7) == {"a": True}


def test_what_changes_on_disk_waits_and_a_typed_edit_meanwhile_too():
    pending = PendingChanges(0.2)
    pending.note(["switched"], now=10.0)
    assert pending.take(10.0) == {}
    pending.note(["a"], now=10.1, typed=True)
    assert pending.take(10.1) == {}
    assert pending.take(10.31) == {"switched": False, "a": True}


def test_a_path_that_changed_on_disk_is_not_taken_for_one_that_was_only_typed_in():
    for typed_first in (True, False):
        pending = PendingChanges(0.2)
        pending.note(["a"], now=10.0, typed=typed_first)
        pending.note(["a"], now=10.0, typed=not typed_first)
        assert pending.take(11.0) == {"a": False}
