(** A large negative number in the place of minus infinity swallows small taps, in every IEEE binary
    format: the float nearest to t - s is -s itself, for no other is that close. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Relative BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding ieee binary_axioms.
Open Scope R_scope.

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.
Hypothesis two_bits : (2 <= prec)%Z.

Notation number := (binary_float prec emax).
Notation fexp := (FLT_exp (SpecFloat.emin prec emax) prec).
Notation float := (generic_format radix2 fexp).
Notation finite x := (is_finite x = true).
Notation fl := (round radix2 fexp ZnearestE).
Notation rebuilt := (form prec emax mode_NE).
Notation u := (u_ro radix2 prec).

Lemma absorbed : forall s t, float s -> float t -> 2 * Rabs t < u * Rabs s -> fl (t - s) = - s.
Proof.
intros s t Fs Ft H. assert (Fo : float (- s)) by now apply generic_format_opp.
assert (C : Rabs (fl (t - s) - (t - s)) <= Rabs (- s - (t - s))).
{ exact (no_float_is_closer radix2 _ prec (fun n => negb (Z.even n)) (t - s) (- s) Fo). }
replace (- s - (t - s)) with (- t) in C by ring. rewrite Rabs_Ropp in C.
assert (Fr : float (fl (t - s))) by (apply generic_format_round; auto with typeclass_instances).
destruct (floats_are_apart _ prec two_bits (- s) (fl (t - s)) Fo Fr) as [E|E]; [now symmetry|].
exfalso. rewrite Rabs_Ropp in E.
assert (Rabs (- s - fl (t - s)) <= Rabs (fl (t - s) - (t - s)) + Rabs t); [|lra].
replace (- s - fl (t - s)) with (- (fl (t - s) - (t - s)) + (- t)) by ring.
eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_Ropp. lra.
Qed.

(* false: 2 * Rabs (B2R t) < u => 2 * Rabs (B2R t) < 4 * u *)
(* false: B2R s < 0 -> => 0 < B2R s -> *)
Theorem ieee_large_negative_swallows : forall s t : number, finite s -> finite t ->
  B2R s < 0 -> 2 * Rabs (B2R t) < u * Rabs (B2R s) ->
  finite (rebuilt t s) /\ B2R (rebuilt t s) = 0.
Proof.
intros s t Fs Ft Hs H. pose proof (below_the_top prec emax s) as Top.
assert (E : fl (B2R t - B2R s) = - B2R s) by (apply absorbed; auto using is_float).
destruct (sub_value prec emax mode_NE t s Ft Fs) as [Fd Ed];
  change (round_mode mode_NE) with ZnearestE in *; rewrite E in *.
{ now rewrite Rabs_Ropp. }
destruct (frelu_value prec emax _ Fd) as [Fr Er]. rewrite Ed in Er. unfold relu in Er.
rewrite Rmax_left in Er by lra. unfold form.
destruct (add_value prec emax mode_NE _ s Fr Fs) as [Ff Ef];
  change (round_mode mode_NE) with ZnearestE in *; rewrite Er in *;
  replace (- B2R s + B2R s) with 0 in * by ring; rewrite round_0 in * by auto with typeclass_instances.
{ rewrite Rabs_R0. apply bpow_gt_0. }
now split.
Qed.

End AnyBinaryFormat.
