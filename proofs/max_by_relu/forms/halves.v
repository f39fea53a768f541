(** The form with halved inputs, in every IEEE binary format: its difference never overflows, and
    where both halves are exact it gives what the form without halves gives, if that is finite.

    Half of a number is what multiplying it by h = 1/2 gives. *)

From Coq Require Import Reals Lra Lia ZArith Bool.
From Flocq Require Import Core BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding ieee binary_axioms.
Open Scope R_scope.

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation emin := (SpecFloat.emin prec emax).
Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).
Notation finite x := (is_finite x = true).
Notation fl := (round radix2 fexp ZnearestE).
Notation Omega := (Omega prec emax).
Notation add := (Bplus mode_NE : number -> number -> number).
Notation sub := (Bminus mode_NE : number -> number -> number).
Notation rebuilt := (form prec emax mode_NE).
Notation same := (same prec emax).

Variable h : number.
Hypothesis h_is_finite : finite h.
Hypothesis h_is_a_half : B2R h = / 2.

Definition halved (x : number) : number := Bmult mode_NE x h.
(** The maximum of the halves, doubled. *)
Definition by_halves (a b : number) : number :=
  add (rebuilt (halved a) (halved b)) (rebuilt (halved a) (halved b)).

Lemma half_of_Omega_is_a_float : float (Omega / 2).
Proof.
apply generic_format_FLT. exists (Float radix2 (2 ^ prec - 1) (emax - prec - 1)).
- unfold ieee.Omega, F2R. cbn [Fnum Fexp].
  rewrite minus_IZR, (IZR_Zpower radix2) by (red in prec_gt_0_; lia).
  rewrite Rmult_minus_distr_r, <- bpow_plus, Rmult_1_l.
  replace (prec + (emax - prec - 1))%Z with (emax + - 1)%Z by ring.
  replace (emax - prec - 1)%Z with (emax - prec + - 1)%Z by ring.
  rewrite !bpow_plus. change (bpow radix2 (- 1)) with (/ 2). field.
- cbn [Fnum Fexp]. change (Zpower radix2 prec) with (2 ^ prec)%Z.
  assert (0 < 2 ^ prec)%Z by (apply Z.pow_pos_nonneg; red in prec_gt_0_; lia). lia.
- cbn [Fnum Fexp]. unfold SpecFloat.emin. red in prec_gt_0_, prec_lt_emax_. lia.
Qed.

Lemma below_Omega : forall x : number, Rabs (B2R x) <= Omega.
Proof. exact (abs_B2R_le_emax_minus_prec prec emax _). Qed.

Lemma Omega_below_the_top : Omega < bpow radix2 emax.
Proof. unfold ieee.Omega. pose proof (bpow_gt_0 radix2 (emax - prec)). lra. Qed.

Lemma halved_value : forall x : number, finite x ->
  finite (halved x) /\ B2R (halved x) = fl (B2R x / 2) /\ Rabs (B2R (halved x)) <= Omega / 2.
Proof.
intros x F. pose proof (below_Omega x) as B. pose proof Omega_below_the_top as T.
assert (L : Rabs (fl (B2R x / 2)) <= Omega / 2).
{ apply abs_round_le_generic; auto using half_of_Omega_is_a_float with typeclass_instances.
  unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ 2)) by lra. lra. }
pose proof (Bmult_correct prec emax _ _ mode_NE x h) as C. rewrite h_is_a_half in C.
change (round_mode mode_NE) with ZnearestE in C.
change (SpecFloat.fexp prec emax) with fexp in C. fold (B2R x / 2) in C.
pose proof (Rabs_pos (B2R x)).
rewrite Rlt_bool_true in C by lra. destruct C as [E [Ff _]]. rewrite F, h_is_finite in Ff.
unfold halved. now rewrite E.
Qed.

(* false: (sub (halved a) (halved b)) => (sub a b) *)
Theorem ieee_halved_difference_is_finite : forall a b : number, finite a -> finite b ->
  finite (sub (halved a) (halved b)).
Proof.
intros a b Fa Fb. destruct (halved_value a Fa) as [Ha [_ La]], (halved_value b Fb) as [Hb [_ Lb]].
apply (sub_value prec emax mode_NE _ _ Ha Hb). change (round_mode mode_NE) with ZnearestE.
apply Rle_lt_trans with Omega; [|apply Omega_below_the_top].
apply abs_round_le_generic; auto using Omega_is_float with typeclass_instances.
apply Rabs_le_inv in La, Lb. apply Rabs_le. lra.
Qed.

(** A number without remainder: its half, and the sum of its halves. *)
Lemma halved_exactly : forall x : number, finite x -> same (add (halved x) (halved x)) x ->
  finite (halved x) /\ B2R (halved x) = B2R x / 2.
Proof.
intros x F S. destruct (halved_value x F) as [Fh [_ L]]. split; [exact Fh|].
assert (E : fl (B2R (halved x) + B2R (halved x)) = 2 * B2R (halved x)).
{ replace (B2R (halved x) + B2R (halved x)) with (2 * B2R (halved x)) by ring.
  apply round_generic; auto with typeclass_instances. apply (doubles_are_floats emin prec), is_float. }
destruct (add_value prec emax mode_NE _ _ Fh Fh) as [Fs Es];
  change (round_mode mode_NE) with ZnearestE in *; rewrite E in *.
{ rewrite Rabs_mult, (Rabs_pos_eq 2) by lra. pose proof Omega_below_the_top. lra. }
apply same_values in S; auto. lra.
Qed.

Lemma half_of_minus_infinity : halved (B754_infinity true) = B754_infinity true.
Proof.
unfold halved. destruct h as [s|s| |[|] k e H]; try discriminate h_is_finite.
- simpl in h_is_a_half. lra.
- exfalso. assert (B2R (B754_finite true k e H : number) < 0); [|lra].
  apply F2R_lt_0. simpl. lia.
- reflexivity.
Qed.

Lemma doubled : forall x y : number, finite x -> finite y -> B2R x = B2R y / 2 ->
  same (add x x) y.
Proof.
intros x y Fx Fy E. destruct (sum_that_is_a_number prec emax mode_NE x x y) as [F V]; auto; [lra|].
now apply same_finite.
Qed.

(* false: finite (rebuilt a b) -> => finite a -> *)
(* false: same (add (halved b) (halved b)) b -> => finite b -> *)
Theorem ieee_halves : forall a b : number,
  same (add (halved a) (halved a)) a -> same (add (halved b) (halved b)) b ->
  finite (rebuilt a b) -> same (by_halves a b) (rebuilt a b).
Proof.
intros a b Sa Sb F. assert (O : finite (frelu prec emax (sub a b)) /\ finite b).
{ unfold form in F. now apply finite_operands in F. }
destruct O as [Fr Fb]. destruct (halved_exactly b Fb Sb) as [Hb Eb]. unfold by_halves.
assert (Zero : frelu prec emax (sub (halved a) (halved b)) = B754_zero false ->
  frelu prec emax (sub a b) = B754_zero false ->
  same (add (rebuilt (halved a) (halved b)) (rebuilt (halved a) (halved b))) (rebuilt a b)).
{ intros E1 E2. unfold form. rewrite E1, E2.
  destruct (sum_that_is_a_number prec emax mode_NE (B754_zero false) (halved b) (halved b))
    as [F1 V1]; auto; [simpl; lra|].
  destruct (sum_that_is_a_number prec emax mode_NE (B754_zero false) b b) as [F2 V2]; auto;
    [simpl; lra|].
  apply doubled; auto. now rewrite V1, V2. }
destruct (is_finite a) eqn:Fa.
- destruct (halved_exactly a Fa Sa) as [Ha Ea]. destruct (Rle_or_lt (B2R a) (B2R b)) as [L|L].
  { apply Zero; apply relu_of_ordered; auto. lra. }
  assert (Fd : finite (sub a b)).
  { pose proof (difference_not_minus_infinity prec emax a b Fa Fb L) as N.
    destruct (sub a b) as [s|[|]| |s m e H]; try reflexivity; try discriminate Fr.
    now contradiction N. }
  assert (Fh : finite (sub (halved a) (halved b))) by now apply ieee_halved_difference_is_finite.
  pose proof (finite_difference prec emax a b Fa Fb Fd) as Ed.
  pose proof (finite_difference prec emax _ _ Ha Hb Fh) as Eh.
  assert (D : fl (B2R a - B2R b) = 2 * fl (B2R (halved a) - B2R (halved b))).
  { unfold Rminus at 2. apply (doubling emin prec);
    [apply is_float | apply generic_format_opp, is_float | rewrite Ea, Eb; field]. }
  destruct (frelu_value prec emax _ Fd) as [_ Er], (frelu_value prec emax _ Fh) as [Frh Erh].
  assert (R : B2R (frelu prec emax (sub a b))
    = 2 * B2R (frelu prec emax (sub (halved a) (halved b)))).
  { rewrite Er, Erh, Ed, Eh, D. unfold relu. rewrite <- RmaxRmult by lra.
    now rewrite Rmult_0_r. }
  assert (S : fl (B2R (frelu prec emax (sub a b)) + B2R b)
    = 2 * fl (B2R (frelu prec emax (sub (halved a) (halved b))) + B2R (halved b))).
  { apply (doubling emin prec); [apply is_float .. | rewrite R, Eb; field]. }
  assert (V : B2R (rebuilt a b) = fl (B2R (frelu prec emax (sub a b)) + B2R b)).
  { unfold form. now apply finite_sum. }
  pose proof (below_the_top prec emax (rebuilt a b)) as T. rewrite V, S in T.
  rewrite Rabs_mult, (Rabs_pos_eq 2) in T by lra.
  destruct (add_value prec emax mode_NE _ _ Frh Hb) as [Ff Ef];
    change (round_mode mode_NE) with ZnearestE in *.
  { pose proof (Rabs_pos (fl (B2R (frelu prec emax (sub (halved a) (halved b)))
      + B2R (halved b)))). lra. }
  apply doubled; [exact Ff | exact F|]. unfold form at 1. rewrite Ef, V, S. field.
- destruct a as [s|[|]| |s m e H]; try discriminate Fa.
  + apply Zero.
    * replace (halved (B754_infinity true)) with (B754_infinity true : number).
      -- now destruct (halved b).
      -- symmetry. now apply half_of_minus_infinity.
    * now destruct b.
  + exfalso. destruct b; discriminate.
  + exfalso. destruct b; discriminate.
Qed.

End AnyBinaryFormat.
