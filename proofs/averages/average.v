(** An average of floats by a sum in any order: divided by k, times a rounded 1/k, or of taps that
    were multiplied by it first. Every product or quotient is one rounding, charged to its result.

    Every radix, precision, least exponent and tie rule, with gradual underflow, where nothing
    overflows and no product or quotient underflows: there its error is at most u of it. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Relative.
From poolproof Require Import rounding_axioms sums.
Open Scope R_scope.

Section Averages.

Variable beta : radix.
Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation u := (u_ro beta prec).
Notation of_floats := (of_floats beta emin prec).
Notation computed := (computed beta emin prec choice).

(** [y] is [x] rounded once. *)
Definition rounded (y x : R) : Prop := Rabs (y - x) <= u * Rabs x.
Definition taps (t : tree R) : R := INR (S (additions t)).
(** The taps of [small] are those of [large] times [r], each rounded. *)
Fixpoint products (r : R) (small large : tree R) : Prop :=
  match small, large with
  | Tap p, Tap x => rounded p (x * r)
  | Sum a b, Sum c d => products r a c /\ products r b d
  | _, _ => False
  end.

Lemma u_is_positive : 0 < u.
Proof. now destruct (unit_roundoff_is_at_most_half beta prec). Qed.

Lemma a_rounding_more : forall y s S A g, 0 <= g -> 0 <= A ->
  Rabs (s - S) <= g * A -> Rabs S <= A -> rounded y s ->
  Rabs (y - S) <= ((1 + g) * (1 + u) - 1) * A.
Proof.
intros y s S A g Hg HA Hs HS Hy. unfold rounded in Hy. pose proof u_is_positive as U.
assert (B : Rabs s <= (1 + g) * A).
{ replace s with (S + (s - S)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
replace (y - S) with ((y - s) + (s - S)) by ring.
eapply Rle_trans; [apply Rabs_triang|].
assert (u * Rabs s <= u * ((1 + g) * A)) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Lemma scaled_bound : forall s S A g r, Rabs (s - S) <= g * A -> Rabs S <= A ->
  Rabs (s * r - S * r) <= g * (A * Rabs r) /\ Rabs (S * r) <= A * Rabs r.
Proof.
intros s S A g r H HS. pose proof (Rabs_pos r). split.
- rewrite <- Rmult_minus_distr_r, Rabs_mult, <- Rmult_assoc. now apply Rmult_le_compat_r.
- rewrite Rabs_mult. now apply Rmult_le_compat_r.
Qed.

Lemma taps_are_positive : forall t, 0 < taps t.
Proof. intros t. apply lt_0_INR. lia. Qed.

(* false: ((1 + INR (additions t) * u) * (1 + u) - 1) => ((1 + INR (additions t) * u) - 1) *)
Theorem divided_average : forall t y, of_floats t -> rounded y (computed t / taps t) ->
  Rabs (y - exact t / taps t)
  <= ((1 + INR (additions t) * u) * (1 + u) - 1) * (magnitudes t / taps t).
Proof.
intros t y F H. pose proof (taps_are_positive t) as K. pose proof u_is_positive.
pose proof (pos_INR (additions t)). pose proof (magnitudes_positive t).
destruct (scaled_bound _ _ _ _ (/ taps t)
  (sum_error_bound beta emin prec choice t F) (exact_at_most_magnitudes t)) as [B C].
rewrite (Rabs_pos_eq (/ taps t)) in B, C by (left; now apply Rinv_0_lt_compat).
apply a_rounding_more with (s := computed t / taps t); auto.
- apply Rmult_le_pos; lra.
- apply Rmult_le_pos; [assumption | left; now apply Rinv_0_lt_compat].
Qed.

Lemma reciprocal_more : forall y s S A g r k, 0 < k -> 0 <= g -> 0 <= A ->
  Rabs (s - S) <= g * A -> Rabs S <= A -> rounded r (/ k) -> rounded y (s * r) ->
  Rabs (y - S / k) <= ((1 + g) * (1 + u) * (1 + u) - 1) * (A / k).
Proof.
intros y s S A g r k K Hg HA Hs HS Hr Hy. pose proof u_is_positive as U.
pose proof (Rinv_0_lt_compat k K) as I. unfold rounded in Hr. rewrite (Rabs_pos_eq (/ k)) in Hr by lra.
assert (G : 0 <= (1 + g) * (1 + u) - 1).
{ assert (0 <= g * u) by (apply Rmult_le_pos; lra). lra. }
replace ((1 + g) * (1 + u) * (1 + u) - 1)
  with ((1 + ((1 + g) * (1 + u) - 1)) * (1 + u) - 1) by ring.
apply a_rounding_more with (s := s * r); auto.
- apply Rmult_le_pos; lra.
- assert (B : Rabs s <= (1 + g) * A).
  { replace s with (S + (s - S)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
  replace (s * r - S / k) with (s * (r - / k) + (s - S) * / k) by (field; lra).
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq (/ k)) by lra.
  assert (Rabs s * Rabs (r - / k) <= (1 + g) * A * (u * / k))
    by (apply Rmult_le_compat; auto using Rabs_pos).
  assert (Rabs (s - S) * / k <= g * A * / k) by (apply Rmult_le_compat_r; lra).
  unfold Rdiv. lra.
- unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ k)) by lra. apply Rmult_le_compat_r; lra.
Qed.

(* false: * (1 + u) * (1 + u) - 1) => - 1) *)
Theorem average_by_reciprocal : forall t r y, of_floats t ->
  rounded r (/ taps t) -> rounded y (computed t * r) ->
  Rabs (y - exact t / taps t)
  <= ((1 + INR (additions t) * u) * (1 + u) * (1 + u) - 1) * (magnitudes t / taps t).
Proof.
intros t r y F Hr Hy. pose proof u_is_positive. pose proof (pos_INR (additions t)).
apply reciprocal_more with (s := computed t) (r := r); auto using taps_are_positive,
  magnitudes_positive, exact_at_most_magnitudes, sum_error_bound.
apply Rmult_le_pos; lra.
Qed.

Lemma products_are_good : forall r small large, products r small large ->
  additions small = additions large /\
  Rabs (exact small - exact large * r) <= u * (magnitudes large * Rabs r) /\
  magnitudes small <= (1 + u) * (magnitudes large * Rabs r).
Proof.
intros r. pose proof u_is_positive as U.
induction small as [p|a IHa b IHb]; intros [x|c d] H; try easy; cbn [products] in H.
- unfold rounded in H. rewrite Rabs_mult in H. cbn [additions exact magnitudes].
  repeat split; [exact H|]. rewrite <- Rabs_mult in *.
  replace p with (x * r + (p - x * r)) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra.
- destruct H as [Ha Hb]. destruct (IHa c Ha) as (A1 & A2 & A3), (IHb d Hb) as (B1 & B2 & B3).
  cbn [additions exact magnitudes]. repeat split; [now rewrite A1, B1 | | lra].
  replace (exact a + exact b - (exact c + exact d) * r)
    with ((exact a - exact c * r) + (exact b - exact d * r)) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(* false: * (1 + u) * (1 + u) - 1) => - 1) *)
Theorem average_of_products : forall small large r, products r small large -> of_floats small ->
  rounded r (/ taps large) ->
  Rabs (computed small - exact large / taps large)
  <= ((1 + INR (additions large) * u) * (1 + u) * (1 + u) - 1) * (magnitudes large / taps large).
Proof.
intros small large r P F Hr. pose proof u_is_positive as U.
destruct (products_are_good r small large P) as (N & E & M).
pose proof (sum_error_bound beta emin prec choice small F) as B. rewrite N in B.
pose proof (taps_are_positive large) as K. pose proof (Rinv_0_lt_compat _ K) as I.
pose proof (magnitudes_positive large) as A. pose proof (exact_at_most_magnitudes large) as X.
set (g := INR (additions large) * u) in *. set (k := taps large) in *.
assert (Hg : 0 <= g) by (apply Rmult_le_pos; [apply pos_INR | lra]).
unfold rounded in Hr. rewrite (Rabs_pos_eq (/ k)) in Hr by lra.
assert (R : Rabs r <= (1 + u) * / k).
{ replace r with (/ k + (r - / k)) by ring. eapply Rle_trans; [apply Rabs_triang|].
  rewrite (Rabs_pos_eq (/ k)) by lra. lra. }
set (m := magnitudes large) in *.
assert (Mr : m * Rabs r <= m * ((1 + u) * / k)) by (apply Rmult_le_compat_l; auto).
assert (C1 : g * magnitudes small <= g * ((1 + u) * (m * ((1 + u) * / k)))).
{ apply Rmult_le_compat_l; [exact Hg|]. eapply Rle_trans; [exact M|].
  apply Rmult_le_compat_l; lra. }
assert (C2 : u * (m * Rabs r) <= u * (m * ((1 + u) * / k))) by (apply Rmult_le_compat_l; lra).
assert (C3 : Rabs (exact large * (r - / k)) <= m * (u * / k)).
{ rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
replace (computed small - exact large / k)
  with ((computed small - exact small) + (exact small - exact large * r) + exact large * (r - / k))
  by (field; lra).
eapply Rle_trans; [apply Rabs_triang|]. eapply Rle_trans;
  [apply Rplus_le_compat_r, Rabs_triang|]. unfold Rdiv. nra.
Qed.

End Averages.
