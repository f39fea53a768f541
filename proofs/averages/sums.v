(** Sums of floats in any order: a tree whose leaves are the taps, rounded at every node.

    Every radix, precision, least exponent and tie rule, with gradual underflow, where nothing
    overflows; then IEEE's binary formats, where the sum is finite. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Relative BinarySingleNaN.
From poolproof Require Import rounding_axioms ieee.
Open Scope R_scope.

Inductive tree (A : Type) : Type := Tap (x : A) | Sum (left right : tree A).
Arguments Tap {A}.
Arguments Sum {A}.

Section Sums.

Variable beta : radix.
Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation float := (generic_format beta (FLT_exp emin prec)).
Notation fl := (round beta (FLT_exp emin prec) (Znearest choice)).
Notation u := (u_ro beta prec).

Fixpoint of_floats (t : tree R) : Prop :=
  match t with Tap x => float x | Sum s t => of_floats s /\ of_floats t end.
Fixpoint exact (t : tree R) : R :=
  match t with Tap x => x | Sum s t => exact s + exact t end.
Fixpoint computed (t : tree R) : R :=
  match t with Tap x => x | Sum s t => fl (computed s + computed t) end.
Fixpoint magnitudes (t : tree R) : R :=
  match t with Tap x => Rabs x | Sum s t => magnitudes s + magnitudes t end.
Fixpoint additions (t : tree R) : nat :=
  match t with Tap _ => O | Sum s t => S (additions s + additions t) end.

Lemma computed_float : forall t, of_floats t -> float (computed t).
Proof.
intros [x|s t] H; [exact H|]. now apply results_are_floats.
Qed.

Lemma magnitudes_positive : forall t, 0 <= magnitudes t.
Proof. induction t; simpl; [apply Rabs_pos | lra]. Qed.

Lemma exact_at_most_magnitudes : forall t, Rabs (exact t) <= magnitudes t.
Proof.
induction t; simpl; [lra|]. eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(* false: <= u * Rabs (x + y) => <= u / 2 * Rabs (x + y) *)
Theorem one_addition : forall x y, float x -> float y ->
  Rabs (fl (x + y) - (x + y)) <= Rabs x /\ Rabs (fl (x + y) - (x + y)) <= Rabs y /\
  (1 + u) * Rabs (fl (x + y) - (x + y)) <= u * Rabs (x + y).
Proof.
intros x y Fx Fy. repeat split.
- replace (Rabs x) with (Rabs (y - (x + y))) by (rewrite <- Rabs_Ropp; f_equal; ring).
  now apply no_float_is_closer.
- replace (Rabs y) with (Rabs (x - (x + y))) by (rewrite <- Rabs_Ropp; f_equal; ring).
  now apply no_float_is_closer.
- now apply error_of_a_sum.
Qed.

(** The step: partial sums of magnitudes A and B, good for g and h, and one more rounding D. *)
Lemma step : forall A B g h D E v,
  0 <= A -> 0 <= B -> 0 <= g -> 0 <= h -> 0 < v <= 1 ->
  D <= (1 + g) * A -> D <= (1 + h) * B -> (1 + v) * D <= v * ((1 + g) * A + (1 + h) * B) ->
  0 <= D -> E <= g * A + h * B + D ->
  E <= (g + h + v) * (A + B).
Proof.
intros A B g h D E v HA HB Hg Hh Hv H1 H2 H3 HD HE.
assert (0 <= g * A /\ 0 <= g * B /\ 0 <= h * A /\ 0 <= h * B /\ 0 <= v * A /\ 0 <= v * B)
  by (repeat split; apply Rmult_le_pos; lra).
assert (Hv1 : v * A <= A /\ v * B <= B) by (split; nra).
destruct (Rle_or_lt B (v * A)) as [Hb|Hb]; [|destruct (Rle_or_lt A (v * B)) as [Ha|Ha]].
- assert (h * B <= h * A) by (apply Rmult_le_compat_l; lra). lra.
- assert (g * A <= g * B) by (apply Rmult_le_compat_l; lra). lra.
- assert (g * (v * A) <= g * B) by (apply Rmult_le_compat_l; lra).
  assert (h * (v * B) <= h * A) by (apply Rmult_le_compat_l; lra).
  assert (D <= v * A + v * B + g * B + h * A) by nra. lra.
Qed.

(* false: INR (additions t) * u => INR (additions t) * (u / 2) *)
Theorem sum_error_bound : forall t, of_floats t ->
  Rabs (computed t - exact t) <= INR (additions t) * u * magnitudes t.
Proof.
destruct (unit_roundoff_is_at_most_half beta prec) as [Hu Hu'].
induction t as [x|s IHs t IHt]; intros H.
- simpl. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
- destruct H as [Hs Ht]. specialize (IHs Hs). specialize (IHt Ht).
  cbn [computed exact magnitudes additions]. rewrite S_INR, plus_INR.
  destruct (one_addition (computed s) (computed t)) as [D1 [D2 D3]];
    [now apply computed_float .. |].
  pose proof (magnitudes_positive s). pose proof (magnitudes_positive t).
  pose proof (pos_INR (additions s)). pose proof (pos_INR (additions t)).
  pose proof (exact_at_most_magnitudes s). pose proof (exact_at_most_magnitudes t).
  assert (Cs : Rabs (computed s) <= (1 + INR (additions s) * u) * magnitudes s).
  { replace (computed s) with (exact s + (computed s - exact s)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  assert (Ct : Rabs (computed t) <= (1 + INR (additions t) * u) * magnitudes t).
  { replace (computed t) with (exact t + (computed t - exact t)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  set (D := Rabs (fl (computed s + computed t) - (computed s + computed t))) in *.
  replace ((INR (additions s) + INR (additions t) + 1) * u)
    with (INR (additions s) * u + INR (additions t) * u + u) by ring.
  apply step with D; try assumption; try lra; try nra.
  + pose proof (Rabs_triang (computed s) (computed t)). nra.
  + apply Rabs_pos.
  + replace (fl (computed s + computed t) - (exact s + exact t))
      with ((computed s - exact s) + (computed t - exact t)
            + (fl (computed s + computed t) - (computed s + computed t))) by ring.
    eapply Rle_trans; [apply Rabs_triang|].
    pose proof (Rabs_triang (computed s - exact s) (computed t - exact t)). unfold D. lra.
Qed.

End Sums.

(** ** IEEE's binary formats, ties to even *)

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation finite x := (is_finite x = true).
Notation add := (Bplus mode_NE).
Notation u := (u_ro radix2 prec).

(* false: <= u * Rabs (B2R x + B2R y) => <= u / 2 * Rabs (B2R x + B2R y) *)
Theorem ieee_one_addition : forall x y : number, finite (add x y) ->
  Rabs (B2R (add x y) - (B2R x + B2R y)) <= Rabs (B2R x) /\
  Rabs (B2R (add x y) - (B2R x + B2R y)) <= Rabs (B2R y) /\
  (1 + u) * Rabs (B2R (add x y) - (B2R x + B2R y)) <= u * Rabs (B2R x + B2R y).
Proof.
intros x y F. destruct (finite_operands prec emax x y F) as [Fx Fy].
rewrite finite_sum by assumption. apply one_addition; auto using is_float.
Qed.

Fixpoint ieee_computed (t : tree number) : number :=
  match t with Tap x => x | Sum s t => add (ieee_computed s) (ieee_computed t) end.
Fixpoint values (t : tree number) : tree R :=
  match t with Tap x => Tap (B2R x) | Sum s t => Sum (values s) (values t) end.

Lemma ieee_computed_value : forall t, finite (ieee_computed t) ->
  of_floats radix2 (SpecFloat.emin prec emax) prec (values t) /\
  B2R (ieee_computed t)
  = computed radix2 (SpecFloat.emin prec emax) prec (fun x => negb (Z.even x)) (values t).
Proof.
induction t as [x|s IHs t IHt]; cbn [ieee_computed values of_floats computed]; intros F.
- split; [apply is_float | reflexivity].
- destruct (finite_operands prec emax _ _ F) as [Fs Ft].
  destruct (IHs Fs) as [Os Es]. destruct (IHt Ft) as [Ot Et].
  split; [now split|]. rewrite finite_sum by assumption. now rewrite Es, Et.
Qed.

(* false: INR (additions (values t)) * u => INR (additions (values t)) * (u / 2) *)
Theorem ieee_sum_error_bound : forall t : tree number, finite (ieee_computed t) ->
  Rabs (B2R (ieee_computed t) - exact (values t))
  <= INR (additions (values t)) * u * magnitudes (values t).
Proof.
intros t F. destruct (ieee_computed_value t F) as [O ->]. now apply sum_error_bound.
Qed.

End AnyBinaryFormat.
