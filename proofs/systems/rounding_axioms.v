(** What the number system [rounding] takes for granted, of Flocq's rounding: every axiom that its
    encoding gives to solvers is a theorem here.

    Every radix, precision, least exponent and tie rule, with gradual underflow; no exponent is the
    largest, so nothing overflows. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Plus_error Relative.
Open Scope R_scope.

Section OfRounding.

Variable beta : radix.
Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation float := (generic_format beta (FLT_exp emin prec)).
Notation fl := (round beta (FLT_exp emin prec) (Znearest choice)).
Notation u := (u_ro beta prec).

(* false: float 0 => float (/ 3) *)
Theorem zero_is_a_float : float 0.
Proof. apply generic_format_0. Qed.

(* false: float (- x) => float (/ x) *)
Theorem negatives_are_floats : forall x, float x -> float (- x).
Proof. exact (generic_format_opp beta (FLT_exp emin prec)). Qed.

(* false: float (fl x) => float x *)
Theorem results_are_floats : forall x, float (fl x).
Proof. intros x. apply generic_format_round; auto with typeclass_instances. Qed.

(** A power of the radix keeps floats, and rounding of their sums, as long as nothing is made smaller. *)
Lemma scaled_float : forall j x, (0 <= j)%Z -> float x -> float (x * bpow beta j).
Proof.
intros j x Hj Fx. apply FLT_format_generic in Fx; [|exact prec_gt_0].
destruct Fx as [[m e] -> Hm He]. simpl in He, Hm. apply generic_format_FLT.
exists (Float beta m (e + j)); simpl; [|exact Hm|lia].
unfold F2R. cbn [Fnum Fexp]. rewrite bpow_plus. ring.
Qed.

Lemma scaled_sum : forall j x y, (0 <= j)%Z -> float x -> float y ->
  fl (x * bpow beta j + y * bpow beta j) = fl (x + y) * bpow beta j.
Proof.
intros j x y Hj Fx Fy. rewrite <- Rmult_plus_distr_r.
destruct (Rle_or_lt (Rabs (x + y)) (bpow beta (prec + emin))) as [H|H].
- assert (F : float (x + y)) by now apply FLT_format_plus_small.
  rewrite !round_generic; auto using scaled_float with typeclass_instances.
- assert (Hm : (prec + emin < mag beta (x + y))%Z) by (apply mag_gt_bpow; lra).
  assert (Hnot0 : x + y <> 0).
  { intros E. rewrite E, Rabs_R0 in H. pose proof (bpow_gt_0 beta (prec + emin)). lra. }
  assert (Hc : cexp beta (FLT_exp emin prec) ((x + y) * bpow beta j)
    = (cexp beta (FLT_exp emin prec) (x + y) + j)%Z).
  { unfold cexp. rewrite mag_mult_bpow by exact Hnot0. unfold FLT_exp. lia. }
  unfold round, scaled_mantissa, F2R. cbn [Fnum Fexp]. rewrite Hc, bpow_plus.
  replace ((x + y) * bpow beta j * bpow beta (- (cexp beta (FLT_exp emin prec) (x + y) + j)))
    with ((x + y) * bpow beta (- cexp beta (FLT_exp emin prec) (x + y))); [ring|].
  rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. ring.
Qed.

(* false: Rabs (fl x - x) <= Rabs (z - x) => Rabs (fl x - x) < Rabs (z - x) *)
Theorem no_float_is_closer : forall x z, float z -> Rabs (fl x - x) <= Rabs (z - x).
Proof.
intros x z Fz. destruct (round_N_pt beta (FLT_exp emin prec) choice x) as [_ H]. now apply H.
Qed.

(* false: u <= / 2 => u < / 2 *)
(* false: 0 < u => 0 < u < 0 *)
Theorem unit_roundoff_is_at_most_half : 0 < u /\ u <= / 2.
Proof.
pose proof (bpow_gt_0 beta (- prec + 1)) as H. unfold u_ro. split; [lra|].
assert (bpow beta (- prec + 1) <= 1); [|lra].
change 1 with (bpow beta 0). apply bpow_le. red in prec_gt_0. lia.
Qed.

(* false: <= u * Rabs (x + y) => <= u / 2 * Rabs (x + y) *)
Theorem error_of_a_sum : forall x y,
  float x -> float y -> (1 + u) * Rabs (fl (x + y) - (x + y)) <= u * Rabs (x + y).
Proof.
intros x y Fx Fy. destruct unit_roundoff_is_at_most_half as [Hu _].
destruct (FLT_plus_error_N_ex beta emin prec choice x y Fx Fy) as [eps [He ->]].
replace ((x + y) * (1 + eps) - (x + y)) with (eps * (x + y)) by ring.
rewrite Rabs_mult. pose proof (Rabs_pos (x + y)).
apply Rle_trans with ((1 + u) * (u / (1 + u) * Rabs (x + y))).
- apply Rmult_le_compat_l; [lra|]. now apply Rmult_le_compat_r.
- right. field. lra.
Qed.

(* false: <= u * Rabs (x - y) => <= u / 2 * Rabs (x - y) *)
Theorem error_of_a_difference : forall x y,
  float x -> float y -> (1 + u) * Rabs (fl (x - y) - (x - y)) <= u * Rabs (x - y).
Proof. intros x y Fx Fy. apply error_of_a_sum; [exact Fx | now apply generic_format_opp]. Qed.

End OfRounding.
