(** Generalised-mean pooling of any number of positive taps: between mean and maximum, growing. *)

From Coq Require Import Reals Lra Lia List.
From poolproof Require Import softmax_bounds.
Import ListNotations.
Open Scope R_scope.

Definition generalised_mean (p : R) (taps : list R) : R :=
  Rpower (total (fun x => Rpower x p) taps / number taps) (/ p).
Definition positive (taps : list R) : Prop := forall x, In x taps -> 0 < x.

(** Bernoulli's inequality, from the tangents of the exponential. *)
Lemma bernoulli : forall z r, 0 < z -> 1 <= r -> 1 + r * (z - 1) <= Rpower z r.
Proof.
intros z r Hz Hr. unfold Rpower.
pose proof (tangent (ln z) (r * ln z)) as H1. rewrite exp_ln in H1 by exact Hz.
pose proof (tangent (ln z) 0) as H2. rewrite exp_0, exp_ln in H2 by exact Hz.
assert (H3 : (r - 1) * (z - 1) <= (r - 1) * (z * ln z)) by (apply Rmult_le_compat_l; lra).
lra.
Qed.

Lemma total_positive : forall f taps, taps <> [] -> (forall x, 0 < f x) -> 0 < total f taps.
Proof.
intros f taps Hne H. induction taps as [|x taps IH]; [easy|]. simpl.
destruct taps as [|y more]; [simpl; specialize (H x); lra|].
assert (0 < total f (y :: more)) by (apply IH; discriminate). specialize (H x). lra.
Qed.

Lemma Rpower_le : forall x y p, 0 <= p -> 0 < x <= y -> Rpower x p <= Rpower y p.
Proof. intros x y p Hp H. now apply Rle_Rpower_l. Qed.

(* false: 0 < p <= q => 0 < q <= p *)
Theorem generalised_means_never_decrease : forall p q taps, 0 < p <= q -> taps <> [] ->
  positive taps -> generalised_mean p taps <= generalised_mean q taps.
Proof.
intros p q taps [Hp Hpq] Hne Hx. pose proof (number_positive taps Hne) as Hn.
set (n := number taps) in *.
assert (HS : 0 < total (fun x => Rpower x p) taps)
  by (apply total_positive; [exact Hne | intros; apply exp_pos]).
set (A := total (fun x => Rpower x p) taps / n).
assert (HA : 0 < A) by (apply Rmult_lt_0_compat; [exact HS | apply Rinv_0_lt_compat; lra]).
set (r := q / p). assert (Hr : 1 <= r) by (apply division'; lra).
assert (Hpr : p * r = q) by (unfold r; field; lra).
assert (H : Rpower A r <= total (fun x => Rpower x q) taps / n).
{ apply division'; [lra|].
  apply Rle_trans with (total (fun x => Rpower A r * (1 + r * (Rpower x p / A - 1))) taps).
  - right. rewrite total_scaled.
    rewrite (total_same _ (fun x => (1 - r) + r / A * Rpower x p)) by (intros x _; field; lra).
    rewrite total_of_sum, total_constant, total_scaled. fold n.
    assert (E : total (fun x => Rpower x p) taps = n * A) by (unfold A; field; lra).
    rewrite E. field. lra.
  - apply total_at_most. intros x Hin.
    assert (Hz : 0 < Rpower x p / A)
      by (apply Rmult_lt_0_compat; [apply exp_pos | now apply Rinv_0_lt_compat]).
    pose proof (bernoulli (Rpower x p / A) r Hz Hr) as B.
    rewrite <- Hpr, <- Rpower_mult.
    replace (Rpower x p) with (A * (Rpower x p / A)) at 2 by (field; lra).
    rewrite <- Rpower_mult_distr by assumption.
    apply Rmult_le_compat_l; [left; apply exp_pos | exact B]. }
unfold generalised_mean. fold n A.
replace (Rpower A (/ p)) with (Rpower (Rpower A r) (/ q))
  by (rewrite Rpower_mult; f_equal; unfold r; field; lra).
apply Rpower_le; [left; apply Rinv_0_lt_compat; lra|]. split; [apply exp_pos | exact H].
Qed.

(* false: mean taps <= => mean taps < *)
(* false: <= M => < M *)
Theorem generalised_means_are_between_mean_and_maximum : forall p M taps, 1 <= p ->
  positive taps -> largest M taps ->
  mean taps <= generalised_mean p taps /\ generalised_mean p taps <= M.
Proof.
intros p M taps Hp Hx [Hin Hle].
assert (Hne : taps <> []) by (intros ->; destruct Hin).
pose proof (number_positive taps Hne) as Hn. split.
- assert (E : mean taps = generalised_mean 1 taps).
  { unfold generalised_mean, mean. rewrite Rinv_1.
    rewrite (total_same (fun x => Rpower x 1) (fun x => x)) by (intros; apply Rpower_1; auto).
    symmetry. apply Rpower_1. apply Rmult_lt_0_compat; [|apply Rinv_0_lt_compat; lra].
    assert (B : M <= total (fun x => x) taps); [|specialize (Hx M Hin); lra].
    clear Hle Hne Hn. induction taps as [|x taps IH]; [easy|]. simpl.
    assert (P : 0 <= total (fun x => x) taps).
    { rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
      intros y Hy. left. apply Hx. now right. }
    destruct Hin as [->|Hin]; [lra|]. pose proof (Hx x (or_introl eq_refl)).
    assert (M <= total (fun x => x) taps); [|lra].
    apply IH; [intros y Hy; apply Hx; now right | exact Hin]. }
  rewrite E. apply generalised_means_never_decrease; auto; lra.
- assert (HM : 0 < M) by now apply Hx.
  apply Rle_trans with (Rpower (Rpower M p) (/ p)).
  + apply Rpower_le; [left; apply Rinv_0_lt_compat; lra|]. split.
    * apply Rmult_lt_0_compat; [|apply Rinv_0_lt_compat; lra].
      apply total_positive; [exact Hne | intros; apply exp_pos].
    * apply division; [lra|]. rewrite Rmult_comm, <- total_constant. apply total_at_most.
      intros x Hi. apply Rpower_le; [lra|]. split; [now apply Hx | now apply Hle].
  + right. rewrite Rpower_mult, Rinv_r by lra. now apply Rpower_1.
Qed.
