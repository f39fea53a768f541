(** Power average pooling of any number of taps that are not negative: how it changes with p.

    [false] in a comment names what must not be provable in its place. *)

From Coq Require Import Reals Lra Lia List.
From poolproof Require Import softmax_bounds.
Import ListNotations.
Open Scope R_scope.

(** xᵖ for x ≥ 0 and p > 0; Coq's own is about x > 0 alone. *)
Definition power (x p : R) : R := if Rlt_dec 0 x then Rpower x p else 0.
Definition norm (p : R) (taps : list R) : R := power (total (fun x => power x p) taps) (/ p).
Definition not_negative (taps : list R) : Prop := forall x, In x taps -> 0 <= x.

Lemma power_not_negative : forall x p, 0 <= power x p.
Proof. intros. unfold power. destruct (Rlt_dec 0 x); [left; apply exp_pos | lra]. Qed.

Lemma power_increases : forall x y p, 0 < p -> 0 <= x <= y -> power x p <= power y p.
Proof.
intros x y p Hp [Hx Hxy]. unfold power. destruct (Rlt_dec 0 x), (Rlt_dec 0 y); try lra.
- apply Rle_Rpower_l; lra.
- left. apply exp_pos.
Qed.

Lemma power_of_power : forall x p q, 0 <= x -> power (power x p) q = power x (p * q).
Proof.
intros x p q Hx. unfold power at 2 3. destruct (Rlt_dec 0 x) as [H|H].
- unfold power. destruct (Rlt_dec 0 (Rpower x p)) as [_|N]; [apply Rpower_mult|].
  exfalso. apply N, exp_pos.
- unfold power. destruct (Rlt_dec 0 0); lra.
Qed.

Lemma power_of_one : forall x, 0 <= x -> power x 1 = x.
Proof. intros x H. unfold power. destruct (Rlt_dec 0 x); [now apply Rpower_1 | lra]. Qed.

Lemma power_of_product : forall x y p, 0 <= x -> 0 <= y -> power (x * y) p = power x p * power y p.
Proof.
intros x y p Hx Hy. unfold power.
destruct (Rlt_dec 0 x), (Rlt_dec 0 y).
- destruct (Rlt_dec 0 (x * y)) as [_|N]; [symmetry; now apply Rpower_mult_distr|].
  exfalso. apply N. now apply Rmult_lt_0_compat.
- replace y with 0 by lra. rewrite Rmult_0_r. destruct (Rlt_dec 0 0); lra.
- replace x with 0 by lra. rewrite Rmult_0_l. destruct (Rlt_dec 0 0); lra.
- replace x with 0 by lra. rewrite Rmult_0_l. destruct (Rlt_dec 0 0); lra.
Qed.

Lemma total_not_negative : forall f taps, (forall x, 0 <= f x) -> 0 <= total f taps.
Proof.
intros f taps H. rewrite <- (Rmult_0_r (number taps)), <- total_constant.
apply total_at_most. intros. apply H.
Qed.

Lemma tap_at_most_total : forall f taps x, (forall x, 0 <= f x) -> In x taps -> f x <= total f taps.
Proof.
intros f taps x H. induction taps as [|y taps IH]; [easy|]. simpl.
pose proof (total_not_negative f taps H). pose proof (H y).
intros [->|Hin]; [lra|]. specialize (IH Hin). lra.
Qed.

(** A share of at most 1 has powers of at most itself. *)
Lemma power_of_share : forall y r, 0 <= y <= 1 -> 1 <= r -> power y r <= y.
Proof.
intros y r [H0 H1] Hr. unfold power. destruct (Rlt_dec 0 y) as [H|H]; [|exact H0].
rewrite <- (Rpower_1 y H) at 2. unfold Rpower.
assert (Hl : ln y <= 0).
{ destruct H1 as [H1| ->]; [|rewrite ln_1; lra].
  left. rewrite <- ln_1. apply ln_increasing; lra. }
destruct (Rle_lt_or_eq_dec (r * ln y) (1 * ln y)) as [Hlt|Heq].
- apply Rmult_le_compat_neg_l with (r := ln y) in Hr; [lra | exact Hl].
- left. now apply exp_increasing.
- rewrite Heq. lra.
Qed.

(* false: 0 < p <= q => 0 < q <= p *)
Theorem norms_never_increase : forall p q taps, 0 < p <= q -> not_negative taps ->
  norm q taps <= norm p taps.
Proof.
intros p q taps [Hp Hpq] Hx. assert (Hq : 0 < q) by lra.
set (S := total (fun x => power x p) taps).
assert (HS : 0 <= S) by (apply total_not_negative; intros; apply power_not_negative).
set (r := q / p). assert (Hr : 1 <= r) by (apply division'; lra).
assert (Hpr : p * r = q) by (unfold r; field; lra).
assert (H : total (fun x => power x q) taps <= power S r).
{ destruct (Rlt_dec 0 S) as [HS'|HS'].
  - apply Rle_trans with (total (fun x => power x p * (power S r / S)) taps).
    + apply total_at_most. intros x Hin.
      assert (Hle : power x p <= S)
        by (apply (tap_at_most_total (fun x => power x p)); auto using power_not_negative).
      rewrite <- Hpr, <- power_of_power by (now apply Hx).
      set (y := power x p / S).
      assert (Hy : 0 <= y <= 1).
      { split; [apply division'; [exact HS'|]; rewrite Rmult_0_l; apply power_not_negative|].
        apply division; [exact HS' | lra]. }
      replace (power x p) with (y * S) by (unfold y; field; lra).
      rewrite power_of_product by lra.
      replace (y * S * (power S r / S)) with (y * power S r) by (field; lra).
      apply Rmult_le_compat_r; [apply power_not_negative | now apply power_of_share].
    + right. rewrite (total_same _ (fun x => power S r / S * power x p)) by (intros; ring).
      rewrite total_scaled. fold S. field. lra.
  - assert (E : S = 0) by lra.
    assert (Hz : forall x, In x taps -> power x q = 0).
    { intros x Hin. assert (Hle : power x p <= S)
        by (apply (tap_at_most_total (fun x => power x p)); auto using power_not_negative).
      unfold power in *. destruct (Rlt_dec 0 x); [|reflexivity].
      pose proof (exp_pos (p * ln x)). unfold Rpower in Hle. lra. }
    rewrite (total_same _ (fun _ => 0)) by exact Hz.
    rewrite total_constant, Rmult_0_r. apply power_not_negative. }
unfold norm. fold S.
replace (power S (/ p)) with (power (power S r) (/ q)).
- apply power_increases; [now apply Rinv_0_lt_compat|]. split; [|exact H].
  apply total_not_negative. intros. apply power_not_negative.
- rewrite power_of_power by exact HS. f_equal. unfold r. field. lra.
Qed.

(* false: M <= norm p taps => M < norm p taps *)
(* false: (1 + (number taps - 1) / p) * M => (1 + (number taps - 1) / (2 * p)) * M *)
Theorem norms_squeeze_the_maximum : forall p M taps, 1 <= p -> not_negative taps ->
  largest M taps ->
  M <= norm p taps /\ norm p taps <= power (number taps) (/ p) * M /\
  power (number taps) (/ p) * M <= (1 + (number taps - 1) / p) * M.
Proof.
intros p M taps Hp Hx [Hin Hle].
assert (Hne : taps <> []) by (intros ->; destruct Hin).
pose proof (number_positive taps Hne) as Hn. set (n := number taps) in *.
assert (HM : 0 <= M) by now apply Hx.
assert (Hp' : 0 < / p) by (apply Rinv_0_lt_compat; lra).
assert (root : power (power M p) (/ p) = M).
{ rewrite power_of_power by exact HM. rewrite Rinv_r by lra. now apply power_of_one. }
split; [|split].
- rewrite <- root at 1. unfold norm. apply power_increases; [exact Hp'|].
  split; [apply power_not_negative|].
  apply (tap_at_most_total (fun x => power x p)); auto using power_not_negative.
- rewrite <- root at 1. rewrite <- power_of_product by (auto using power_not_negative; lra).
  unfold norm. apply power_increases; [exact Hp'|]. split.
  + apply total_not_negative. intros. apply power_not_negative.
  + unfold n. rewrite <- total_constant. apply total_at_most. intros x Hi.
    apply power_increases; [lra|]. split; [now apply Hx | now apply Hle].
- apply Rmult_le_compat_r; [exact HM|]. set (a := 1 + (n - 1) / p).
  assert (Ha : 1 <= a).
  { unfold a. assert (0 <= (n - 1) / p) by (apply division'; lra). lra. }
  unfold power. destruct (Rlt_dec 0 n) as [Hn'|N]; [|lra].
  rewrite <- (exp_ln a) by lra. unfold Rpower.
  assert (H : / p * ln n <= ln a).
  { (* the tangents at log(n/a) and log(1/a) *)
    assert (H1 : a * (1 + ln n - ln a) <= n).
    { pose proof (tangent (ln a) (ln n)) as T. rewrite !exp_ln in T by lra. exact T. }
    assert (H2 : a * (1 - ln a) <= 1).
    { pose proof (tangent (ln a) (ln 1)) as T. rewrite ln_1, exp_0, exp_ln in T by lra.
      replace (1 - ln a) with (1 + 0 - ln a) by ring. exact T. }
    assert (E : p * a = p + n - 1) by (unfold a; field; lra).
    apply Rmult_le_reg_l with (p * a); [apply Rmult_lt_0_compat; lra|].
    replace (p * a * (/ p * ln n)) with (a * ln n) by (field; lra).
    assert (H3 : (p - 1) * (a * (1 - ln a)) <= (p - 1) * 1) by (apply Rmult_le_compat_l; lra).
    nra. }
  destruct H as [H|H]; [left; now apply exp_increasing | rewrite H; lra].
Qed.
