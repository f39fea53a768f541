(** For b ≥ 0: when ReLU(a − b) + b is wrong, and by how much it then is.

    Radix 2, every precision and least exponent, ties to even; then IEEE's binary formats. *)

From Coq Require Import Reals Lra Lia ZArith Bool.
From Flocq Require Import Core Relative BinarySingleNaN.
From poolproof Require Import rounding_axioms rounding ieee.
Open Scope R_scope.

Definition odd_multiple (x unit : R) : Prop := exists k, x = IZR (2 * k + 1) * unit.

Section Odd.

Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).
Notation fl := (round radix2 fexp ZnearestE).
Notation form := (difference_form radix2 fexp ZnearestE).
Notation u := (u_ro radix2 prec).
Notation bpow := (bpow radix2).

Lemma fl_in_binade : forall e x, (emin <= e)%Z -> bpow (e + prec - 1) <= x < bpow (e + prec) ->
  fl x = IZR (ZnearestE (x * bpow (- e))) * bpow e.
Proof.
intros e x He Hx. unfold round, F2R, scaled_mantissa, cexp.
rewrite (mag_unique_pos radix2 x (e + prec) Hx).
replace (FLT_exp emin prec (e + prec)) with e by (unfold FLT_exp; lia). reflexivity.
Qed.

Lemma tie_to_even : forall n, ZnearestE (IZR n + / 2) = if Z.even n then n else (n + 1)%Z.
Proof.
intros n. unfold Znearest. rewrite (Zfloor_imp n) by (rewrite plus_IZR; lra).
rewrite Rcompare_Eq by lra. destruct (Z.even n); simpl; [reflexivity|].
apply Zceil_imp. replace (n + 1 - 1)%Z with n by ring. rewrite plus_IZR. lra.
Qed.

Definition condition (a b : R) : Prop :=
  odd_multiple a (ulp radix2 fexp a) /\ odd_multiple (2 * b) (ulp radix2 fexp a) /\
  ulp radix2 fexp a <= 2 * u * (a - b).

Section Binade.

Variables (e A : Z) (a : R).
Hypothesis He : (emin < e)%Z.
Hypothesis Ha : a = IZR A * bpow e.
Hypothesis Hin : bpow (e + prec - 1) <= a < bpow (e + prec).

Notation w := (bpow e).

Lemma w_positive : 0 < w. Proof. apply bpow_gt_0. Qed.
Lemma over_w : forall y, y * w * bpow (- e) = y.
Proof. intros y. rewrite Rmult_assoc, <- bpow_plus, Z.add_opp_diag_r. apply Rmult_1_r. Qed.

Lemma A_bounds : (2 ^ (prec - 1) <= A < 2 ^ prec)%Z.
Proof.
red in prec_gt_0. pose proof w_positive. destruct Hin as [H1 H2]. rewrite Ha in H1, H2. split.
- apply le_IZR. rewrite (IZR_Zpower radix2) by lia. apply Rmult_le_reg_r with w; [lra|].
  rewrite <- bpow_plus. replace (prec - 1 + e)%Z with (e + prec - 1)%Z by ring. exact H1.
- apply lt_IZR. rewrite (IZR_Zpower radix2) by lia. apply Rmult_lt_reg_r with w; [lra|].
  rewrite <- bpow_plus. replace (prec + e)%Z with (e + prec)%Z by ring. exact H2.
Qed.

Lemma low_end : bpow (e + prec - 1) = IZR (2 ^ (prec - 1)) * w.
Proof.
red in prec_gt_0. rewrite (IZR_Zpower radix2) by lia. rewrite <- bpow_plus. f_equal. ring.
Qed.

Lemma high_end : bpow (e + prec) = IZR (2 ^ prec) * w.
Proof.
red in prec_gt_0. rewrite (IZR_Zpower radix2) by lia. rewrite <- bpow_plus. f_equal. ring.
Qed.

Lemma in_binade : forall r, IZR (2 ^ (prec - 1)) <= r < IZR (2 ^ prec) ->
  fl (r * w) = IZR (ZnearestE r) * w.
Proof.
intros r Hr. pose proof w_positive. rewrite (fl_in_binade e).
- now rewrite over_w.
- lia.
- rewrite low_end, high_end. split; [apply Rmult_le_compat_r | apply Rmult_lt_compat_r]; lra.
Qed.

Lemma near_inside : forall r, (2 ^ (prec - 1) < A)%Z -> Rabs r < / 2 -> fl ((IZR A + r) * w) = a.
Proof.
intros r HA Hr. destruct A_bounds as [_ H2]. apply Rabs_lt_inv in Hr.
assert (IZR (2 ^ (prec - 1) + 1) <= IZR A) as H3 by (apply IZR_le; lia).
assert (IZR A <= IZR (2 ^ prec - 1)) as H4 by (apply IZR_le; lia).
rewrite plus_IZR in H3. rewrite minus_IZR in H4.
rewrite in_binade by lra. rewrite (Znearest_imp _ _ A); [now rewrite Ha|].
replace (IZR A + r - IZR A) with r by ring. apply Rabs_lt. lra.
Qed.

Lemma near : forall r, Rabs r <= / 4 -> fl ((IZR A + r) * w) = a.
Proof.
intros r Hr. destruct A_bounds as [H1 H2].
destruct (Zle_lt_or_eq _ _ H1) as [H|H]; [apply near_inside; [exact H | lra]|].
apply Rabs_le_inv in Hr.
assert (IZR A <= IZR (2 ^ prec - 1)) as H4 by (apply IZR_le; lia). rewrite minus_IZR in H4.
destruct (Rle_or_lt 0 r) as [Hpos|Hneg].
- rewrite in_binade by (rewrite H; lra). rewrite (Znearest_imp _ _ A); [now rewrite Ha|].
  replace (IZR A + r - IZR A) with r by ring. apply Rabs_lt. lra.
- red in prec_gt_0. assert (P : (2 ^ prec = 2 * 2 ^ (prec - 1))%Z).
  { rewrite <- Z.pow_succ_r by lia. f_equal. lia. }
  assert (W : w = 2 * bpow (e - 1)).
  { change 2 with (bpow 1). rewrite <- bpow_plus. f_equal. ring. }
  assert (A2 : IZR (2 * A) = 2 * IZR A) by (now rewrite mult_IZR).
  assert (Apos : (1 <= A)%Z).
  { rewrite <- H. apply (Z.pow_le_mono_r 2 0); lia. }
  apply IZR_le in Apos.
  rewrite (fl_in_binade (e - 1)).
  + assert (S : (IZR A + r) * w * bpow (- (e - 1)) = IZR (2 * A) + 2 * r).
    { rewrite W, A2. replace ((IZR A + r) * (2 * bpow (e - 1)) * bpow (- (e - 1)))
        with (2 * (IZR A + r) * (bpow (e - 1) * bpow (- (e - 1)))) by ring.
      rewrite <- bpow_plus, Z.add_opp_diag_r. simpl. ring. }
    rewrite S.
    assert (N : ZnearestE (IZR (2 * A) + 2 * r) = (2 * A)%Z).
    { destruct (Req_dec r (- / 4)) as [->|Hne].
      - replace (IZR (2 * A) + 2 * - / 4) with (IZR (2 * A - 1) + / 2) by (rewrite minus_IZR; lra).
        rewrite tie_to_even. replace (Z.even (2 * A - 1)) with false; [ring|].
        symmetry. rewrite Z.even_sub, Z.even_mul. reflexivity.
      - apply Znearest_imp. replace (IZR (2 * A) + 2 * r - IZR (2 * A)) with (2 * r) by ring.
        apply Rabs_lt. lra. }
    rewrite N, A2, Ha, W. ring.
  + lia.
  + pose proof (bpow_gt_0 radix2 (e - 1)) as Hh.
    assert (E2 : bpow (e - 1 + prec) = IZR A * w).
    { rewrite <- H, <- low_end. f_equal. ring. }
    assert (E1 : 2 * bpow (e - 1 + prec - 1) = IZR A * w).
    { rewrite <- E2. change 2 with (bpow 1). rewrite <- bpow_plus. f_equal. ring. }
    rewrite E2. pose proof w_positive. split; nra.
Qed.

Hypothesis Hulp : ulp radix2 fexp a = w.

Lemma binade_verdict : forall b, float a -> float b -> 0 <= b < a ->
  form a b = a /\ ~ condition a b \/ Rabs (form a b - a) = w /\ condition a b.
Proof.
intros b Fa Fb Hb. pose proof w_positive as Hw. destruct A_bounds as [H1 H2].
assert (Hd : 0 <= fl (a - b)).
{ apply round_ge_generic; auto using generic_format_0 with typeclass_instances. lra. }
assert (F : form a b = fl (fl (a - b) + b)).
{ unfold difference_form, relu. now rewrite Rmax_left. }
assert (U : forall x, w <= 2 * u * x <-> bpow (e + prec - 1) <= x).
{ intros x. rewrite (u_is_power prec).
  replace (2 * bpow (- prec) * x) with (bpow (1 - prec) * x)
    by (unfold Zminus; rewrite bpow_plus; reflexivity).
  assert (V : bpow (1 - prec) * bpow (e + prec - 1) = w)
    by (rewrite <- bpow_plus; f_equal; ring).
  pose proof (bpow_gt_0 radix2 (1 - prec)). rewrite <- V. split; intros K.
  - now apply Rmult_le_reg_l with (bpow (1 - prec)).
  - apply Rmult_le_compat_l; lra. }
destruct (Rlt_or_le (a - b) (bpow (e + prec - 1))) as [Hlow|Hhigh].
- left. split.
  + rewrite F. replace (fl (a - b) + b) with ((IZR A + (fl (a - b) - (a - b)) / w) * w)
      by (rewrite Rmult_plus_distr_r, <- Ha; field; lra).
    apply near. unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ w))
      by (left; now apply Rinv_0_lt_compat).
    apply Rmult_le_reg_r with w; [exact Hw|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    eapply Rle_trans; [apply error_le_half_ulp; auto with typeclass_instances|].
    assert (ulp radix2 fexp (a - b) <= bpow (e - 1)).
    { rewrite ulp_neq_0 by lra. apply bpow_le. unfold cexp, FLT_exp.
      assert (mag radix2 (a - b) <= e + prec - 1)%Z; [|lia].
      apply mag_le_bpow; [lra|]. rewrite Rabs_pos_eq by lra. exact Hlow. }
    assert (w = 2 * bpow (e - 1)); [|lra].
    change 2 with (bpow 1). rewrite <- bpow_plus. f_equal. ring.
  + intros (_ & _ & K). rewrite Hulp in K. apply U in K. lra.
- destruct (Zle_lt_or_eq _ _ H1) as [HA|HA].
  2:{ left. assert (b = 0) by (rewrite low_end, HA, <- Ha in Hhigh; lra). subst b.
      rewrite F, Rminus_0_r, (round_generic _ _ _ a), Rplus_0_r by auto with typeclass_instances.
      split; [apply round_generic; auto with typeclass_instances|].
      intros (_ & [k Hk] & _). rewrite Hulp in Hk.
      assert (IZR (2 * k + 1) = 0) as Z by nra. apply eq_IZR in Z. lia. }
  assert (X : a - b = (IZR A - b / w) * w)
    by (rewrite Rmult_minus_distr_r, <- Ha; field; lra).
  assert (IZR A <= IZR (2 ^ prec - 1)) as H4 by (apply IZR_le; lia). rewrite minus_IZR in H4.
  assert (IZR (2 ^ (prec - 1) + 1) <= IZR A) as H3 by (apply IZR_le; lia). rewrite plus_IZR in H3.
  assert (Hq0 : 0 <= b / w).
  { apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat]. }
  assert (Hq : IZR (2 ^ (prec - 1)) <= IZR A - b / w).
  { apply Rmult_le_reg_r with w; [exact Hw|]. rewrite <- X, <- low_end. exact Hhigh. }
  assert (D : fl (a - b) = IZR (ZnearestE (IZR A - b / w)) * w) by (rewrite X; apply in_binade; lra).
  set (q := IZR A - b / w) in *.
  assert (G : fl (a - b) + b = (IZR A + (IZR (ZnearestE q) - q)) * w).
  { rewrite D, Rmult_plus_distr_r, Rmult_minus_distr_r, <- Ha. unfold q.
    rewrite Rmult_minus_distr_r, <- Ha. field. lra. }
  rewrite F, G.
  destruct (Req_dec (q - IZR (Zfloor q)) (/ 2)) as [T|T].
  + set (n := Zfloor q) in *. assert (Q : q = IZR n + / 2) by lra.
    assert (B : odd_multiple (2 * b) w).
    { exists (A - n - 1)%Z. replace (2 * (A - n - 1) + 1)%Z with (2 * (A - n) - 1)%Z by ring.
      rewrite minus_IZR, mult_IZR, minus_IZR.
      assert (b / w = IZR A - IZR n - / 2) as Q' by (unfold q in Q; lra).
      replace b with (b / w * w) at 1 by (field; lra). rewrite Q'. field. }
    assert (O : odd_multiple a w <-> Z.even A = false).
    { split.
      - intros [k Hk]. assert (IZR A = IZR (2 * k + 1)) as E by (apply Rmult_eq_reg_r with w; lra).
        apply eq_IZR in E. rewrite E, Z.even_add, Z.even_mul. reflexivity.
      - intros E. rewrite <- Z.negb_odd in E. apply negb_false_iff, Z.odd_spec in E.
        destruct E as [k Ek]. exists k. now rewrite <- Ek, Ha. }
    assert (Step : IZR (ZnearestE q) - q = / 2 \/ IZR (ZnearestE q) - q = - / 2).
    { rewrite Q, tie_to_even. destruct (Z.even n); [right | left; rewrite plus_IZR]; lra. }
    destruct (Z.even A) eqn:EA.
    * left. split.
      -- destruct Step as [->| ->].
         ++ rewrite in_binade by lra. now rewrite tie_to_even, EA, Ha.
         ++ replace (IZR A + - / 2) with (IZR (A - 1) + / 2) by (rewrite minus_IZR; lra).
            rewrite in_binade by (rewrite minus_IZR; lra).
            rewrite tie_to_even, Z.even_sub, EA. simpl. rewrite Ha. do 2 f_equal. ring.
      -- intros (K & _ & _). rewrite Hulp in K. apply O in K. discriminate K.
    * right. split.
      -- destruct Step as [->| ->].
         ++ rewrite in_binade by lra. rewrite tie_to_even, EA, plus_IZR, Ha.
            replace ((IZR A + 1) * w - IZR A * w) with w by ring. rewrite Rabs_pos_eq; lra.
         ++ replace (IZR A + - / 2) with (IZR (A - 1) + / 2) by (rewrite minus_IZR; lra).
            rewrite in_binade by (rewrite minus_IZR; lra).
            rewrite tie_to_even, Z.even_sub, EA. simpl. rewrite minus_IZR, Ha.
            replace ((IZR A - 1) * w - IZR A * w) with (- w) by ring.
            rewrite Rabs_Ropp, Rabs_pos_eq; lra.
      -- unfold condition. rewrite Hulp. split; [now apply O|]. split; [exact B|].
         apply U. exact Hhigh.
  + left. split.
    * apply near_inside; [exact HA|]. rewrite Rabs_minus_sym. now apply Znearest_N_strict.
    * intros (_ & [k Hk] & _). rewrite Hulp in Hk. apply T.
      assert (q = IZR (A - k - 1) + / 2) as Q.
      { unfold q. rewrite !minus_IZR. rewrite plus_IZR, mult_IZR in Hk.
        assert (b / w = IZR k + / 2) as E; [|lra].
        apply Rmult_eq_reg_r with w; [|lra]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
      rewrite Q, (Zfloor_imp (A - k - 1)) by (rewrite plus_IZR; lra). lra.
Qed.

End Binade.

Lemma verdict : forall a b, float a -> float b -> 0 <= b < a ->
  form a b = a /\ ~ condition a b
  \/ Rabs (form a b - a) = ulp radix2 fexp a /\ condition a b.
Proof.
intros a b Fa Fb Hb. assert (Hu : ulp radix2 fexp a = bpow (cexp radix2 fexp a)).
{ apply ulp_neq_0. lra. }
destruct (Z.eq_dec (cexp radix2 fexp a) emin) as [E|E].
- left. rewrite E in Hu. destruct (float_is_whole emin prec a Fa) as [k Hk].
  destruct (float_is_whole emin prec b Fb) as [l Hl]. split.
  + rewrite exact_when_difference_exact; auto with typeclass_instances; [apply Rmax_left; lra|].
    replace (a - b) with (IZR (k - l) * bpow emin) by (rewrite minus_IZR, Hk, Hl; ring).
    apply whole_is_float; [exact prec_gt_0|].
    replace (IZR (k - l) * bpow emin) with (a - b) by (rewrite minus_IZR, Hk, Hl; ring).
    rewrite Rabs_pos_eq by lra. apply Rle_lt_trans with a; [lra|].
    apply Rlt_le_trans with (bpow (mag radix2 a)).
    * rewrite <- (Rabs_pos_eq a) at 1 by lra. apply bpow_mag_gt.
    * apply bpow_le. unfold cexp, FLT_exp in E. lia.
  + intros (_ & [j Hj] & _). rewrite Hu, Hl in Hj. pose proof (bpow_gt_0 radix2 emin).
    assert (IZR (2 * l) = IZR (2 * j + 1)) as Z.
    { apply Rmult_eq_reg_r with (bpow emin); [|lra]. rewrite <- Hj, mult_IZR. ring. }
    apply eq_IZR in Z. lia.
- assert (He : (emin < cexp radix2 fexp a)%Z) by (unfold cexp, FLT_exp in *; lia).
  assert (Hm : (cexp radix2 fexp a + prec)%Z = mag radix2 a :> Z).
  { unfold cexp, FLT_exp in *. lia. }
  assert (Ha : a = IZR (Ztrunc (scaled_mantissa radix2 fexp a)) * bpow (cexp radix2 fexp a))
    by exact Fa.
  rewrite Hu. apply (binade_verdict _ _ a He Ha); auto.
  rewrite Hm. pose proof (bpow_mag_le radix2 a ltac:(lra)) as L.
  pose proof (bpow_mag_gt radix2 a) as G. rewrite Rabs_pos_eq in L, G by lra. now split.
Qed.

(* false: <-> condition a b => <-> odd_multiple a (ulp radix2 fexp a) *)
(* false: 0 <= b -> => b <= 0 -> *)
Theorem wrong_iff_odd_significand : forall a b, float a -> float b -> 0 <= b ->
  (form a b <> Rmax a b <-> condition a b).
Proof.
intros a b Fa Fb Hb. destruct (Rle_or_lt a b) as [H|H].
- rewrite exact_when_ordered by auto with typeclass_instances. split; [tauto|].
  intros (_ & _ & K). exfalso.
  pose proof (u_positive radix2 prec) as Hu.
  assert (0 < ulp radix2 fexp a); [|nra].
  destruct (Req_dec a 0) as [->|Hne].
  + rewrite ulp_FLT_0 by exact prec_gt_0. apply bpow_gt_0.
  + rewrite ulp_neq_0 by exact Hne. apply bpow_gt_0.
- rewrite Rmax_left by lra. destruct (verdict a b Fa Fb (conj Hb H)) as [[E C]|[E C]]; [tauto|].
  split; [auto|]. intros _ K. rewrite K, Rminus_diag_eq, Rabs_R0 in E by reflexivity.
  pose proof (bpow_gt_0 radix2 (cexp radix2 fexp a)).
  rewrite ulp_neq_0 in E by lra. lra.
Qed.

(* false: = ulp radix2 fexp a => = / 2 * ulp radix2 fexp a *)
Theorem wrong_by_one_ulp : forall a b, float a -> float b -> 0 <= b -> form a b <> Rmax a b ->
  Rabs (form a b - Rmax a b) = ulp radix2 fexp a.
Proof.
intros a b Fa Fb Hb W. destruct (Rle_or_lt a b) as [H|H].
- elim W. apply exact_when_ordered; auto with typeclass_instances.
- rewrite Rmax_left in * by lra. now destruct (verdict a b Fa Fb (conj Hb H)) as [[E C]|[E C]].
Qed.

End Odd.

(** ** IEEE's binary formats, with infinities, NaN and overflow *)

Section AnyBinaryFormat.

Variable prec emax : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Context {prec_lt_emax_ : Prec_lt_emax prec emax}.

Notation number := (binary_float prec emax).
Notation emin := (SpecFloat.emin prec emax).
Notation fexp := (FLT_exp emin prec).
Notation finite x := (is_finite x = true).
Notation rebuilt := (form prec emax mode_NE).
Notation fl := (round radix2 fexp ZnearestE).
Notation in_reals := (difference_form radix2 fexp ZnearestE).

Lemma same_dec : forall x y : number, same prec emax x y \/ ~ same prec emax x y.
Proof.
intros x y. unfold same. destruct (is_nan x), (is_nan y), (Beqb x y); intuition discriminate.
Qed.

Lemma as_in_reals : forall a b : number, finite a -> finite b -> 0 <= B2R b ->
  same prec emax (rebuilt a b) (fmax prec emax a b) <-> in_reals (B2R a) (B2R b) = Rmax (B2R a) (B2R b).
Proof.
intros a b Fa Fb Hb. destruct (fmax_value prec emax a b Fa Fb) as [Fm Em].
destruct (Rle_or_lt (B2R a) (B2R b)) as [H|H].
- split; intros _.
  + apply exact_when_ordered; auto using is_float with typeclass_instances.
  + now apply exact_when_ordered_and_finite.
- assert (Ta : B2R a < bpow radix2 emax).
  { pose proof (below_the_top prec emax a) as T. apply Rabs_lt_inv in T. lra. }
  assert (D0 : 0 <= fl (B2R a - B2R b) <= B2R a).
  { split; [apply round_ge_generic | apply round_le_generic];
      auto using generic_format_0, is_float with typeclass_instances; lra. }
  destruct (sub_value prec emax mode_NE a b Fa Fb) as [Fd Ed];
    change (round_mode mode_NE) with ZnearestE in *.
  { rewrite Rabs_pos_eq by lra. lra. }
  destruct (frelu_value prec emax (Bminus mode_NE a b) Fd) as [Fr Er].
  assert (R : B2R (frelu prec emax (Bminus mode_NE a b)) = relu (fl (B2R a - B2R b)))
    by now rewrite Er, Ed.
  destruct (Rlt_or_le (Rabs (in_reals (B2R a) (B2R b))) (bpow radix2 emax)) as [Ho|Ho].
  + destruct (add_value prec emax mode_NE (frelu prec emax (Bminus mode_NE a b)) b Fr Fb) as [Ff Ef];
      change (round_mode mode_NE) with ZnearestE in *; rewrite R in *; [exact Ho|].
    change (finite (rebuilt a b)) in Ff. change (B2R (rebuilt a b) = in_reals (B2R a) (B2R b)) in Ef.
    split; intros K.
    * rewrite <- Ef, <- Em. now apply same_values.
    * apply same_finite; auto. now rewrite Ef, Em.
  + split; intros K.
    * exfalso. pose proof (Bplus_correct prec emax _ _ mode_NE _ b Fr Fb) as C. rewrite R in C.
      change (SpecFloat.fexp prec emax) with fexp in C. change (round_mode mode_NE) with ZnearestE in C.
      change (round radix2 fexp ZnearestE (relu (fl (B2R a - B2R b)) + B2R b))
        with (in_reals (B2R a) (B2R b)) in C.
      rewrite Rlt_bool_false in C by exact Ho. destruct C as [C _].
      change (Bplus mode_NE (frelu prec emax (Bminus mode_NE a b)) b) with (rebuilt a b) in C.
      destruct (rebuilt a b) as [s|s| |s mx ex Hx]; try discriminate C.
      destruct K as [[K _]|K]; [discriminate K|].
      destruct (fmax prec emax a b) as [t|t| |t my ey Hy]; try discriminate Fm; now destruct s.
    * exfalso. rewrite K, Rmax_left, Rabs_pos_eq in Ho by lra. lra.
Qed.

(* false: 0 <= B2R b -> => B2R b <= 0 -> *)
(* false: condition emin prec (B2R a) (B2R b)) => odd_multiple (B2R a) (ulp radix2 fexp (B2R a))) *)
Theorem ieee_wrong_iff_odd_significand : forall a b : number, finite b -> 0 <= B2R b ->
  (~ same prec emax (rebuilt a b) (fmax prec emax a b)
   <-> finite a /\ condition emin prec (B2R a) (B2R b)).
Proof.
intros a b Fb Hb. destruct (is_finite a) eqn:Fa.
- rewrite as_in_reals by assumption.
  pose proof (wrong_iff_odd_significand emin prec (B2R a) (B2R b)
    (is_float prec emax a) (is_float prec emax b) Hb). tauto.
- split; [|intros [K _]; discriminate K]. intros K. exfalso. apply K.
  destruct a as [s|[|]| |s ma ea Ha]; try discriminate Fa.
  + apply ieee_exact_when_ordered; [now destruct b as [[|]|t| |[|] mb eb Hb'] | exact Fb].
  + right. now destruct b as [[|]|t| |[|] mb eb Hb'].
  + left. now destruct b.
Qed.

(* false: = ulp radix2 fexp (B2R a) => = / 2 * ulp radix2 fexp (B2R a) *)
Theorem ieee_wrong_by_one_ulp : forall a b : number, finite b -> 0 <= B2R b ->
  ~ same prec emax (rebuilt a b) (fmax prec emax a b) -> finite (rebuilt a b) ->
  finite a /\ Rabs (B2R (rebuilt a b) - B2R a) = ulp radix2 fexp (B2R a).
Proof.
intros a b Fb Hb W F.
destruct (proj1 (ieee_wrong_iff_odd_significand a b Fb Hb) W) as [Fa C]. split; [exact Fa|].
rewrite as_in_reals in W by assumption.
pose proof (wrong_by_one_ulp emin prec (B2R a) (B2R b)
  (is_float prec emax a) (is_float prec emax b) Hb W) as E.
rewrite step_value by assumption.
destruct (Rle_or_lt (B2R a) (B2R b)) as [H|H].
- elim W. apply exact_when_ordered; auto using is_float with typeclass_instances.
- now rewrite Rmax_left in E by lra.
Qed.

End AnyBinaryFormat.
