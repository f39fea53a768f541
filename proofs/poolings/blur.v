(** A filter whose weights rise and then fall, moved by one element: what its output changes by. *)

From Coq Require Import Reals Lra Lia.
Open Scope R_scope.

(** f(0) + ... + f(n - 1). *)
Fixpoint added (f : nat -> R) (n : nat) : R :=
  match n with O => 0 | S n => added f n + f n end.

Section Filter.

(** Weights from 1 to n; 0 stands before them and behind them. The largest is at the place [top]. *)
Variable w : nat -> R.
Variables n top : nat.
Hypothesis before : w 0 = 0.
Hypothesis behind : w (S n) = 0.
Hypothesis inside : (top <= S n)%nat.
Hypothesis rises : forall j, (j < top)%nat -> w j <= w (S j).
Hypothesis falls : forall j, (top <= j <= n)%nat -> w (S j) <= w j.

Variable x : nat -> R.
Variable range : R.
Hypothesis in_range : forall j, 0 <= x j <= range.

Definition output (taps : nat -> R) : R := added (fun j => w j * taps j) (S (S n)).
Definition moved (j : nat) : R := x (S j).
Definition change (m : nat) : R := added (fun j => (w (S j) - w j) * x (S j)) m.

Lemma telescoped : forall m,
  added (fun j => w j * x j) (S m) - added (fun j => w j * x (S j)) m = w 0 * x 0%nat + change m.
Proof.
induction m as [|m IH]; [unfold change; simpl; ring|].
replace (added (fun j => w j * x j) (S (S m)))
  with (added (fun j => w j * x j) (S m) + w (S m) * x (S m)) by reflexivity.
replace (added (fun j => w j * x (S j)) (S m))
  with (added (fun j => w j * x (S j)) m + w m * x (S m)) by reflexivity.
replace (change (S m)) with (change m + (w (S m) - w m) * x (S m)) by reflexivity.
lra.
Qed.

Lemma while_it_rises : forall m, (m <= top)%nat -> 0 <= change m <= w m * range.
Proof.
induction m as [|m IH]; intros H; [unfold change; simpl; rewrite before; lra|].
specialize (IH ltac:(lia)). pose proof (rises m ltac:(lia)). pose proof (in_range (S m)).
replace (change (S m)) with (change m + (w (S m) - w m) * x (S m)) by reflexivity.
assert (0 <= (w (S m) - w m) * x (S m) <= (w (S m) - w m) * range); [|lra].
split; [apply Rmult_le_pos; lra | apply Rmult_le_compat_l; lra].
Qed.

Lemma while_it_falls : forall m, (top <= m <= S n)%nat ->
  - ((w top - w m) * range) <= change m <= w top * range.
Proof.
induction m as [|m IH]; intros H.
- replace top with O by lia. unfold change. simpl. rewrite before. lra.
- destruct (Nat.eq_dec top (S m)) as [E|D].
  { pose proof (while_it_rises (S m) ltac:(lia)). rewrite E. lra. }
  specialize (IH ltac:(lia)). pose proof (falls m ltac:(lia)). pose proof (in_range (S m)).
  replace (change (S m)) with (change m + (w (S m) - w m) * x (S m)) by reflexivity.
  assert (- ((w m - w (S m)) * range) <= (w (S m) - w m) * x (S m) <= 0); [|lra].
  assert (0 <= (w m - w (S m)) * x (S m) <= (w m - w (S m)) * range); [|lra].
  split; [apply Rmult_le_pos; lra | apply Rmult_le_compat_l; lra].
Qed.

(* false: <= w top * range => <= w top * range / 2 *)
(* false: output x - output moved => output x *)
Theorem a_movement_changes_at_most_the_largest_weight :
  Rabs (output x - output moved) <= w top * range.
Proof.
assert (E : output x - output moved = change (S n)).
{ pose proof (telescoped (S n)) as T. unfold output, moved.
  change (added (fun j => w j * x (S j)) (S (S n)))
    with (added (fun j => w j * x (S j)) (S n) + w (S n) * x (S (S n))).
  rewrite before in T. rewrite behind. lra. }
rewrite E. pose proof (while_it_falls (S n) ltac:(lia)) as B. rewrite behind in B.
apply Rabs_le. lra.
Qed.

End Filter.
