(** Sums of taps times 1/2^j, in any order: 1/2^j times the sum, if no tap underflows.

    Radix 2, every precision, least exponent and tie rule, with gradual underflow, where nothing
    overflows; then IEEE's binary formats, where the sum of the taps is finite. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Plus_error BinarySingleNaN.
From poolproof Require Import rounding_axioms ieee sums.
Open Scope R_scope.

Section Scaled.

Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).
Notation fl := (round radix2 fexp (Znearest choice)).
Notation sum := (computed radix2 emin prec choice).

(** Every tap times 2^j. *)
Fixpoint scaled (j : Z) (t : tree R) : tree R :=
  match t with
  | Tap x => Tap (x * bpow radix2 j)
  | Sum s t => Sum (scaled j s) (scaled j t)
  end.

(* false: (0 <= j)%Z -> => (j <= 0)%Z -> *)
Theorem sums_of_scaled_taps : forall j, (0 <= j)%Z -> forall t,
  of_floats radix2 emin prec t -> sum (scaled j t) = sum t * bpow radix2 j.
Proof.
intros j Hj. induction t as [x|s IHs t IHt]; intros F; [reflexivity|]. destruct F as [Fs Ft].
cbn [scaled computed]. rewrite IHs, IHt by assumption.
apply scaled_sum; [exact prec_gt_0 | exact Hj | now apply computed_float ..].
Qed.

End Scaled.

(** ** IEEE's binary formats, ties to even *)

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation finite x := (is_finite x = true).
Notation add := (Bplus mode_NE).
Notation fl := (round radix2 (FLT_exp (SpecFloat.emin prec emax) prec) ZnearestE).

(** [small] has the taps of [large], in their places, times 1/2^j without any error. *)
Fixpoint shares (j : Z) (small large : tree number) : Prop :=
  match small, large with
  | Tap x, Tap y => finite x /\ B2R x * bpow radix2 j = B2R y
  | Sum s t, Sum v w => shares j s v /\ shares j t w
  | _, _ => False
  end.

(* false: (0 <= j)%Z -> => (j <= 0)%Z -> *)
Theorem ieee_sums_of_shares : forall j, (0 <= j)%Z -> forall small large : tree number,
  shares j small large -> finite (ieee_computed prec emax large) ->
  finite (ieee_computed prec emax small) /\
  B2R (ieee_computed prec emax small) * bpow radix2 j = B2R (ieee_computed prec emax large).
Proof.
intros j Hj. induction small as [x|s IHs t IHt]; intros [y|v w] H F; try easy.
destruct H as [Hs Ht]. cbn [ieee_computed] in *.
destruct (finite_operands prec emax _ _ F) as [Fv Fw].
destruct (IHs v Hs Fv) as [Fs Es]. destruct (IHt w Ht Fw) as [Ft Et].
set (a := ieee_computed prec emax s) in *. set (b := ieee_computed prec emax t) in *.
set (c := ieee_computed prec emax v) in *. set (d := ieee_computed prec emax w) in *.
pose proof (finite_sum prec emax c d Fv Fw F) as Ec. rewrite <- Es, <- Et in Ec.
rewrite (scaled_sum radix2 _ _ (fun x => negb (Z.even x)) j (B2R a) (B2R b) Hj) in Ec by apply is_float.
assert (Hb : Rabs (fl (B2R a + B2R b)) < bpow radix2 emax).
{ apply Rle_lt_trans with (Rabs (B2R (add c d))); [|apply below_the_top].
  rewrite Ec, Rabs_mult, (Rabs_pos_eq (bpow radix2 j)) by apply bpow_ge_0.
  rewrite <- (Rmult_1_r (Rabs _)) at 1. apply Rmult_le_compat_l; [apply Rabs_pos|].
  change 1 with (bpow radix2 0). now apply bpow_le. }
destruct (add_value prec emax mode_NE a b Fs Ft Hb) as [F' E']. split; [exact F'|].
rewrite E'. symmetry. exact Ec.
Qed.

End AnyBinaryFormat.
