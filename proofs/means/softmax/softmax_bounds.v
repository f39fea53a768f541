(** Softmax and log-sum-exp pooling of any number of taps: between which bounds they lie.

    Their definitions are those of the project, written out: weights exp(x / T), which a factor
    exp(- M / T) leaves as they are. [false] in a comment names what must not be provable in its
    place. *)

From Coq Require Import Reals Lra Lia List.
Import ListNotations.
Open Scope R_scope.

(** Σ f(x) over the taps *)
Definition total (f : R -> R) (taps : list R) : R := fold_right (fun x s => f x + s) 0 taps.
Definition number (taps : list R) : R := INR (length taps).
Definition mean (taps : list R) : R := total (fun x => x) taps / number taps.

Definition weight (T x : R) : R := exp (x / T).
Definition softmax_pool (T : R) (taps : list R) : R :=
  total (fun x => x * weight T x) taps / total (weight T) taps.
Definition logsumexp_pool (T : R) (taps : list R) : R :=
  T * ln (total (weight T) taps / number taps).

Definition largest (M : R) (taps : list R) : Prop := In M taps /\ forall x, In x taps -> x <= M.
Definition range (R' : R) (taps : list R) : Prop :=
  forall x y, In x taps -> In y taps -> x - y <= R'.

Lemma total_at_most : forall f g taps,
  (forall x, In x taps -> f x <= g x) -> total f taps <= total g taps.
Proof.
intros f g. induction taps as [|x taps IH]; intros H; [simpl; lra|]. simpl.
apply Rplus_le_compat; [apply H; now left | apply IH; intros; apply H; now right].
Qed.

Lemma total_same : forall f g taps,
  (forall x, In x taps -> f x = g x) -> total f taps = total g taps.
Proof.
intros f g taps H. apply Rle_antisym; apply total_at_most; intros x Hx; right;
  [now apply H | symmetry; now apply H].
Qed.

Lemma total_of_sum : forall f g taps,
  total (fun x => f x + g x) taps = total f taps + total g taps.
Proof. intros f g. induction taps; simpl; [ring|]. rewrite IHtaps. ring. Qed.

Lemma total_scaled : forall c f taps, total (fun x => c * f x) taps = c * total f taps.
Proof. intros c f. induction taps; simpl; [ring|]. rewrite IHtaps. ring. Qed.

Lemma total_constant : forall c taps, total (fun _ => c) taps = number taps * c.
Proof.
intros c. induction taps as [|x taps IH]; [unfold number; simpl; ring|].
unfold number in *. simpl length. rewrite S_INR. simpl. rewrite IH. ring.
Qed.

Lemma weight_positive : forall T x, 0 < weight T x.
Proof. intros. apply exp_pos. Qed.

Lemma total_weight_positive : forall T taps, taps <> [] -> 0 < total (weight T) taps.
Proof.
intros T [|x taps] H; [easy|]. simpl. pose proof (weight_positive T x).
assert (0 <= total (weight T) taps).
{ rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
  intros y _. left. apply weight_positive. }
lra.
Qed.

Lemma number_positive : forall taps, taps <> [] -> 1 <= number taps.
Proof.
intros [|x taps] H; [easy|]. unfold number. simpl length. rewrite S_INR.
pose proof (pos_INR (length taps)). lra.
Qed.

Lemma division : forall a b c, 0 < c -> a <= b * c -> a / c <= b.
Proof.
intros a b c Hc H. apply Rmult_le_reg_r with c; [exact Hc|].
replace (a / c * c) with a by (field; lra). exact H.
Qed.

Lemma division' : forall a b c, 0 < c -> b * c <= a -> b <= a / c.
Proof.
intros a b c Hc H. apply Rmult_le_reg_r with c; [exact Hc|].
replace (a / c * c) with a by (field; lra). exact H.
Qed.

(** exp(v) ≥ exp(u)·(1 + v − u) *)
Lemma tangent : forall u v, exp u * (1 + v - u) <= exp v.
Proof.
intros u v. replace (exp v) with (exp u * exp (v - u)) by (rewrite <- exp_plus; f_equal; ring).
apply Rmult_le_compat_l; [left; apply exp_pos|]. pose proof (exp_ineq1_le (v - u)). lra.
Qed.

Section Temperature.

Variable T : R.
Hypothesis T_positive : 0 < T.
Notation w := (weight T).

Lemma weight_tangent : forall x y, w x * (1 + (y - x) / T) <= w y.
Proof.
intros x y. unfold weight. pose proof (tangent (x / T) (y / T)) as H.
replace (1 + (y - x) / T) with (1 + y / T - x / T) by (field; lra). exact H.
Qed.

(** ** Near the maximum *)

(* false: <= M /\ => < M /\ *)
(* false: * (T * exp (-1)) => * (T * exp (-2)) *)
Theorem softmax_is_near_the_maximum : forall M taps, largest M taps ->
  softmax_pool T taps <= M /\
  M - softmax_pool T taps <= (number taps - 1) * (T * exp (-1)).
Proof.
intros M taps [Hin Hle].
assert (Hne : taps <> []) by (intros ->; destruct Hin).
pose proof (total_weight_positive T taps Hne) as HW.
assert (Hgap : forall x, x <= M -> 0 <= (M - x) * w x <= T * exp (-1) * w M).
{ intros x Hx. split.
  - apply Rmult_le_pos; [lra | left; apply weight_positive].
  - unfold weight. pose proof (tangent (x / T + 1) (M / T)) as H.
    replace (1 + M / T - (x / T + 1)) with ((M - x) / T) in H by (field; lra).
    rewrite exp_plus in H.
    assert (E : exp 1 * exp (-1) = 1).
    { rewrite <- exp_plus. replace (1 + -1) with 0 by ring. apply exp_0. }
    replace ((M - x) * exp (x / T))
      with (T * exp (-1) * (exp (x / T) * exp 1 * ((M - x) / T)))
      by (replace (T * exp (-1) * (exp (x / T) * exp 1 * ((M - x) / T)))
            with ((M - x) * exp (x / T) * (exp 1 * exp (-1))) by (field; lra);
          rewrite E; ring).
    apply Rmult_le_compat_l; [|exact H].
    left. apply Rmult_lt_0_compat; [exact T_positive | apply exp_pos]. }
assert (Hsum : total (fun x => (M - x) * w x) taps
               = M * total w taps - total (fun x => x * w x) taps).
{ rewrite <- total_scaled. clear. induction taps; simpl; [ring|]. rewrite IHtaps. ring. }
assert (H0 : 0 <= total (fun x => (M - x) * w x) taps).
{ rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
  intros x Hx. apply Hgap. now apply Hle. }
assert (H1 : total (fun x => (M - x) * w x) taps <= (number taps - 1) * (T * exp (-1) * w M)).
{ clear Hsum H0 HW Hne. revert Hin. induction taps as [|x taps IH]; [easy|].
  assert (Hn : number (x :: taps) - 1 = number taps)
    by (unfold number; simpl length; rewrite S_INR; ring).
  intros [->|Hin].
  - rewrite Hn. simpl. rewrite Rminus_diag_eq, Rmult_0_l, Rplus_0_l by reflexivity.
    rewrite <- total_constant. apply total_at_most. intros x Hx. apply Hgap, Hle. now right.
  - assert (IH' := IH (fun y Hy => Hle y (or_intror Hy)) Hin).
    rewrite Hn. simpl. pose proof (Hgap x (Hle x (or_introl eq_refl))). lra. }
assert (HM : w M <= total w taps).
{ clear - Hin. induction taps as [|x taps IH]; [easy|]. simpl.
  assert (0 <= total w taps).
  { rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
    intros y _. left. apply weight_positive. }
  destruct Hin as [->|Hin]; [lra|]. pose proof (weight_positive T x). specialize (IH Hin). lra. }
unfold softmax_pool. split.
- apply division; [exact HW|]. lra.
- apply Rle_trans with (total (fun x => (M - x) * w x) taps / total w taps).
  + right. rewrite Hsum. field. lra.
  + apply division; [exact HW|].
    apply Rle_trans with (1 := H1). rewrite <- !Rmult_assoc.
    apply Rmult_le_compat_l; [|exact HM].
    pose proof (number_positive taps Hne). pose proof (exp_pos (-1)).
    apply Rmult_le_pos; [apply Rmult_le_pos; lra | lra].
Qed.

(** ** Near the mean *)

Lemma pair : forall K x y, 0 <= K -> Rabs (x - y) <= K ->
  0 <= (x - y) * (w x - w y) <= K * K / T * (w x + w y).
Proof.
assert (up : forall K x y, 0 <= K -> y <= x -> x - y <= K ->
  0 <= (x - y) * (w x - w y) <= K * K / T * (w x + w y)).
{ intros K x y HK Hxy HR.
  pose proof (weight_positive T x) as Hx. pose proof (weight_positive T y) as Hy.
  pose proof (weight_tangent x y) as H1. pose proof (weight_tangent y x) as H2.
  set (r := (x - y) / T) in *.
  assert (Hr : 0 <= r) by (apply division'; lra).
  replace ((y - x) / T) with (- r) in H1 by (unfold r; field; lra).
  assert (Hd : 0 <= w x - w y <= w x * r).
  { split; [|lra]. assert (0 <= w y * r) by (apply Rmult_le_pos; lra). lra. }
  split; [apply Rmult_le_pos; lra|].
  apply Rle_trans with ((x - y) * (w x * r)); [apply Rmult_le_compat_l; lra|].
  replace ((x - y) * (w x * r)) with ((x - y) * (x - y) / T * w x) by (unfold r; field; lra).
  apply Rmult_le_compat; [|lra| |lra].
  - apply division'; [exact T_positive|]. rewrite Rmult_0_l. apply Rmult_le_pos; lra.
  - apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. apply Rmult_le_compat; lra. }
intros K x y HK H. destruct (Rle_or_lt y x) as [Hxy|Hxy].
- rewrite Rabs_pos_eq in H by lra. now apply up.
- rewrite Rabs_left in H by lra. rewrite (Rplus_comm (w x)).
  replace ((x - y) * (w x - w y)) with ((y - x) * (w y - w x)) by ring. apply up; lra.
Qed.

(** n·Σwx − Σw·Σx *)
Definition spread (taps : list R) : R :=
  number taps * total (fun x => x * w x) taps - total w taps * total (fun x => x) taps.

Lemma one_tap_more : forall x taps,
  spread (x :: taps) = spread taps + total (fun y => (x - y) * (w x - w y)) taps.
Proof.
intros x taps. unfold spread, number. simpl length. rewrite S_INR. cbn [total fold_right].
fold (total (fun x => x * w x) taps) (total w taps) (total (fun x => x) taps).
assert (E : total (fun y => (x - y) * (w x - w y)) taps
  = INR (length taps) * (x * w x) - x * total w taps - w x * total (fun x => x) taps
    + total (fun x => x * w x) taps).
{ clear. induction taps as [|y taps IH]; [simpl; ring|].
  simpl length. rewrite S_INR. simpl total in *. cbn [total fold_right].
  fold (total (fun y => (x - y) * (w x - w y)) taps).
  fold (total (fun x => x * w x) taps) (total w taps) (total (fun x => x) taps).
  rewrite IH. ring. }
rewrite E. ring.
Qed.

Lemma spread_between : forall K taps, 0 <= K -> taps <> [] -> range K taps ->
  0 <= spread taps <= K * K / T * ((number taps - 1) * total w taps).
Proof.
intros K taps HK Hne HR.
assert (Hc : 0 <= K * K / T) by (apply division'; [exact T_positive|]; nra).
set (c := K * K / T) in *. induction taps as [|x taps IH]; [easy|]. clear Hne.
destruct taps as [|y more].
{ unfold spread, number. simpl. rewrite Rminus_diag_eq by ring. lra. }
set (taps := y :: more) in *.
assert (IH' : 0 <= spread taps <= c * ((number taps - 1) * total w taps)).
{ apply IH; [discriminate|]. intros a b Ha Hb. apply HR; now right. }
rewrite one_tap_more.
assert (Hp : forall z, In z taps -> 0 <= (x - z) * (w x - w z) <= c * (w x + w z)).
{ intros z Hz. apply pair; [exact HK|].
  pose proof (HR x z (or_introl eq_refl) (or_intror Hz)).
  pose proof (HR z x (or_intror Hz) (or_introl eq_refl)).
  apply Rabs_le. lra. }
assert (H0 : 0 <= total (fun z => (x - z) * (w x - w z)) taps).
{ rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
  intros z Hz. now apply Hp. }
assert (H1 : total (fun z => (x - z) * (w x - w z)) taps
             <= c * (number taps * w x + total w taps)).
{ rewrite <- total_constant, <- total_of_sum, <- total_scaled. apply total_at_most.
  intros z Hz. now apply Hp. }
assert (Hn : number (x :: taps) - 1 = number taps)
  by (unfold number; simpl length; rewrite S_INR; ring).
rewrite Hn. cbn [total fold_right]. fold (total w taps). split; [lra|].
apply Rle_trans with (c * ((number taps - 1) * total w taps)
  + c * (number taps * w x + total w taps)); [lra|]. right. ring.
Qed.

(* false: mean taps <= softmax => mean taps < softmax *)
(* false: (number taps - 1) / number taps * (K * K / T) => (number taps - 1) / number taps * (K / T) *)
Theorem softmax_is_near_the_mean : forall K taps, 0 <= K -> taps <> [] -> range K taps ->
  mean taps <= softmax_pool T taps /\
  softmax_pool T taps - mean taps <= (number taps - 1) / number taps * (K * K / T).
Proof.
intros K taps HK Hne HR. destruct (spread_between K taps HK Hne HR) as [H0 H1].
pose proof (total_weight_positive T taps Hne) as HW. pose proof (number_positive taps Hne) as Hn.
assert (E : softmax_pool T taps - mean taps = spread taps / (number taps * total w taps)).
{ unfold softmax_pool, mean, spread. field. lra. }
assert (Hp : 0 < number taps * total w taps) by (apply Rmult_lt_0_compat; lra).
split.
- apply Rminus_le. apply Ropp_le_cancel. rewrite Ropp_minus_distr, Ropp_0, E.
  apply division'; [exact Hp|]. rewrite Rmult_0_l. exact H0.
- rewrite E. apply division; [exact Hp|]. apply Rle_trans with (1 := H1). right. field. lra.
Qed.

(** ** Log-sum-exp *)

Lemma ln_at_most : forall a b, 0 < a -> a <= exp b -> ln a <= b.
Proof.
intros a b Ha H. rewrite <- (ln_exp b). destruct H as [H| ->]; [left; now apply ln_increasing | lra].
Qed.

Lemma ln_at_least : forall a b, exp b <= a -> b <= ln a.
Proof.
intros a b H. rewrite <- (ln_exp b).
destruct H as [H| <-]; [left; apply ln_increasing; [apply exp_pos | exact H] | lra].
Qed.

(* false: <= M /\ => < M /\ *)
(* false: M - T * ln (number taps) <= => M - T * ln (number taps) < *)
Theorem logsumexp_is_near_the_maximum : forall M taps, largest M taps ->
  logsumexp_pool T taps <= M /\ M - T * ln (number taps) <= logsumexp_pool T taps.
Proof.
intros M taps [Hin Hle].
assert (Hne : taps <> []) by (intros ->; destruct Hin).
pose proof (total_weight_positive T taps Hne) as HW. pose proof (number_positive taps Hne) as Hn.
assert (HM : w M <= total w taps).
{ clear - Hin. induction taps as [|x taps IH]; [easy|]. simpl.
  assert (0 <= total w taps).
  { rewrite <- (Rmult_0_r (number taps)), <- total_constant. apply total_at_most.
    intros y _. left. apply weight_positive. }
  destruct Hin as [->|Hin]; [lra|]. pose proof (weight_positive T x). specialize (IH Hin). lra. }
assert (HA : total w taps <= number taps * w M).
{ rewrite <- total_constant. apply total_at_most. intros x Hx. unfold weight.
  destruct (Rle_lt_or_eq_dec x M (Hle x Hx)) as [H| ->]; [|lra]. left. apply exp_increasing.
  apply Rmult_lt_compat_r; [now apply Rinv_0_lt_compat | exact H]. }
unfold logsumexp_pool. set (A := total w taps) in *. set (n := number taps) in *.
assert (HAn : 0 < A / n) by (apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra]).
split.
- replace M with (T * (M / T)) at 1 by (field; lra). apply Rmult_le_compat_l; [lra|].
  apply ln_at_most; [exact HAn|]. apply division; [lra|]. rewrite Rmult_comm. exact HA.
- replace (M - T * ln n) with (T * (M / T - ln n)) by (field; lra).
  apply Rmult_le_compat_l; [lra|]. apply ln_at_least.
  unfold Rminus. rewrite exp_plus, exp_Ropp, exp_ln by lra.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat; lra | exact HM].
Qed.

(* false: mean taps <= => mean taps < *)
(* false: <= softmax_pool T taps => < softmax_pool T taps *)
Theorem logsumexp_is_between_mean_and_softmax : forall taps, taps <> [] ->
  mean taps <= logsumexp_pool T taps /\ logsumexp_pool T taps <= softmax_pool T taps.
Proof.
intros taps Hne.
pose proof (total_weight_positive T taps Hne) as HW. pose proof (number_positive taps Hne) as Hn.
set (A := total w taps) in *. set (n := number taps) in *.
assert (HAn : 0 < A / n) by (apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra]).
assert (Hnot0 : n <> 0) by lra.
split.
- unfold logsumexp_pool. fold A n. set (mu := mean taps).
  replace mu with (T * (mu / T)) by (field; lra). apply Rmult_le_compat_l; [lra|].
  apply ln_at_least. apply division'; [lra|].
  assert (H : total (fun x => exp (mu / T) * (1 + (x - mu) / T)) taps <= A).
  { apply total_at_most. intros x _. apply (weight_tangent mu x). }
  apply Rle_trans with (2 := H). right. rewrite total_scaled. f_equal.
  rewrite (total_same _ (fun x => (1 - mu / T) + / T * x)) by (intros x _; field; lra).
  rewrite total_of_sum, total_constant, total_scaled. fold n.
  assert (E : total (fun x => x) taps = n * mu) by (unfold mu, mean; fold n; field; exact Hnot0).
  rewrite E. field. lra.
- unfold softmax_pool, logsumexp_pool. fold A n. set (q := ln (A / n)).
  apply division'; [exact HW|].
  assert (H : total (fun x => w x - exp q) taps <= total (fun x => w x * (x / T - q)) taps).
  { apply total_at_most. intros x _. unfold weight. pose proof (tangent (x / T) q).
    set (e := exp (x / T)) in *. lra. }
  assert (E1 : total (fun x => w x - exp q) taps = 0).
  { rewrite (total_same _ (fun x => w x + - exp q)) by (intros; ring).
    rewrite total_of_sum, total_constant. fold A n. unfold q. rewrite exp_ln by exact HAn.
    field. exact Hnot0. }
  assert (E2 : total (fun x => w x * (x / T - q)) taps
               = / T * total (fun x => x * w x) taps + - q * A).
  { unfold A. rewrite <- !total_scaled, <- total_of_sum. apply total_same. intros x _. field. lra. }
  rewrite E1, E2 in H.
  apply Rmult_le_reg_l with (/ T); [now apply Rinv_0_lt_compat|].
  replace (/ T * (T * q * A)) with (q * A) by (field; lra). lra.
Qed.

(** ** Shifts and scales *)

(* false: softmax_pool T taps + c => softmax_pool T taps *)
(* false: logsumexp_pool T taps + c => logsumexp_pool T taps *)
Theorem shifts_pass_through : forall c taps, taps <> [] ->
  softmax_pool T (map (fun x => x + c) taps) = softmax_pool T taps + c /\
  logsumexp_pool T (map (fun x => x + c) taps) = logsumexp_pool T taps + c.
Proof.
intros c taps Hne. pose proof (total_weight_positive T taps Hne) as HW.
pose proof (number_positive taps Hne) as Hn.
assert (Ew : total w (map (fun x => x + c) taps) = exp (c / T) * total w taps).
{ clear - T_positive. induction taps as [|x taps IH]; simpl; [ring|]. rewrite IH. unfold weight.
  replace ((x + c) / T) with (x / T + c / T) by (field; lra). rewrite exp_plus. ring. }
assert (Ex : total (fun x => x * w x) (map (fun x => x + c) taps)
  = exp (c / T) * (total (fun x => x * w x) taps + c * total w taps)).
{ clear - T_positive. induction taps as [|x taps IH]; simpl; [ring|]. rewrite IH. unfold weight.
  replace ((x + c) / T) with (x / T + c / T) by (field; lra). rewrite exp_plus. ring. }
pose proof (exp_pos (c / T)) as Hg. split.
- unfold softmax_pool. rewrite Ew, Ex. field. lra.
- unfold logsumexp_pool, number. rewrite map_length. fold (number taps). rewrite Ew.
  unfold Rdiv at 1. rewrite Rmult_assoc, ln_mult, ln_exp.
  + unfold Rdiv. field. lra.
  + exact Hg.
  + apply Rmult_lt_0_compat; [exact HW | apply Rinv_0_lt_compat; lra].
Qed.

(* false: softmax_pool (s * T) => softmax_pool T *)
(* false: logsumexp_pool (s * T) => logsumexp_pool T *)
Theorem scales_pass_through_with_the_temperature : forall s taps, 0 < s -> taps <> [] ->
  softmax_pool (s * T) (map (fun x => s * x) taps) = s * softmax_pool T taps /\
  logsumexp_pool (s * T) (map (fun x => s * x) taps) = s * logsumexp_pool T taps.
Proof.
intros s taps Hs Hne. pose proof (total_weight_positive T taps Hne) as HW.
assert (Ew : total (weight (s * T)) (map (fun x => s * x) taps) = total w taps).
{ clear - T_positive Hs. induction taps as [|x taps IH]; simpl; [ring|]. rewrite IH. unfold weight.
  replace (s * x / (s * T)) with (x / T) by (field; lra). ring. }
assert (Ex : total (fun x => x * weight (s * T) x) (map (fun x => s * x) taps)
  = s * total (fun x => x * w x) taps).
{ clear - T_positive Hs. induction taps as [|x taps IH]; simpl; [ring|]. rewrite IH. unfold weight.
  replace (s * x / (s * T)) with (x / T) by (field; lra). ring. }
split.
- unfold softmax_pool. rewrite Ew, Ex. field. lra.
- unfold logsumexp_pool, number. rewrite map_length, Ew. ring.
Qed.

End Temperature.
