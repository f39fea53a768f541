(** ReLU(a − b) + b of floats, where nothing overflows: exact, off by how much, folded.

    The numbers are those of a format of Flocq: a subset of the reals into which each single
    operation rounds. Its exponent has no upper end, so nothing here speaks of overflow. A theorem
    says which formats and which roundings it is about: all that are valid, where it names none.
    [false] in a comment names what must not be provable in its place. *)

From Coq Require Import Reals Lra Lia ZArith List.
From Flocq Require Import Core Relative Sterbenz.
From poolproof Require Import rounding_axioms.
Import ListNotations.
Open Scope R_scope.

Definition relu (x : R) : R := Rmax x 0.

(** ** Every radix, every exponent function, every valid rounding *)

Section AnyFormat.

Variable beta : radix.
Variable fexp : Z -> Z.
Context {valid_exp : Valid_exp fexp}.
Variable rnd : R -> Z.
Context {valid_rnd : Valid_rnd rnd}.

Notation float := (generic_format beta fexp).
Notation fl := (round beta fexp rnd).

Definition difference_form (a b : R) : R := fl (relu (fl (a - b)) + b).
Definition three_relus (a b : R) : R :=
  fl (fl (relu (fl (a - b)) + relu b) - relu (- b)).

Lemma relu_of_float : forall x, float x -> float (relu x).
Proof.
intros x Fx. unfold relu, Rmax. destruct (Rle_dec x 0); [apply generic_format_0 | exact Fx].
Qed.

Lemma difference_float : forall x, float (fl x).
Proof. intros x. now apply generic_format_round. Qed.

Lemma fl_float : forall x, float x -> fl x = x.
Proof. intros x. now apply round_generic. Qed.

Lemma fl_not_positive : forall x, x <= 0 -> fl x <= 0.
Proof. intros x H. apply round_le_generic; auto using generic_format_0. Qed.

(* false: a <= b -> difference_form => b <= a -> difference_form *)
Theorem exact_when_ordered : forall a b,
  float b -> a <= b -> difference_form a b = Rmax a b.
Proof.
intros a b Fb H. unfold difference_form, relu.
rewrite (Rmax_right (fl (a - b))) by (apply fl_not_positive; lra).
rewrite Rplus_0_l, fl_float by exact Fb. now rewrite Rmax_right.
Qed.

(* false: float (a - b) => float (a + b) *)
Theorem exact_when_difference_exact : forall a b,
  float a -> float b -> float (a - b) -> difference_form a b = Rmax a b.
Proof.
intros a b Fa Fb Fd. unfold difference_form, relu. rewrite (fl_float (a - b)) by exact Fd.
destruct (Rle_or_lt a b).
- rewrite Rmax_right, Rplus_0_l, Rmax_right by lra. now apply fl_float.
- rewrite Rmax_left, Rmax_left by lra. replace (a - b + b) with a by ring. now apply fl_float.
Qed.

(* false: \/ => /\ *)
Theorem one_of_two_orders : forall a b,
  float a -> float b ->
  difference_form a b = Rmax a b \/ difference_form b a = Rmax a b.
Proof.
intros a b Fa Fb. destruct (Rle_or_lt a b).
- left. now apply exact_when_ordered.
- right. rewrite Rmax_comm. apply exact_when_ordered; [exact Fa | lra].
Qed.

(* false: a <= 2 * b => a <= 4 * b *)
Theorem exact_when_at_most_twice : Monotone_exp fexp -> forall a b,
  float a -> float b -> a <= 2 * b -> difference_form a b = Rmax a b.
Proof.
intros mono a b Fa Fb H. destruct (Rle_or_lt a b).
- now apply exact_when_ordered.
- apply exact_when_difference_exact; auto. apply sterbenz; auto; lra.
Qed.

(* false: a <= 2 * b => a <= 4 * b *)
Theorem sterbenz_difference_exact : Monotone_exp fexp -> forall a b,
  float a -> float b -> b <= 2 * a -> a <= 2 * b -> fl (a - b) = a - b.
Proof.
intros mono a b Fa Fb H1 H2. apply fl_float. apply sterbenz; auto. lra.
Qed.

(* false: = difference_form a b => = difference_form b a *)
Theorem three_relus_are_the_difference_form : forall a b,
  float b -> three_relus a b = difference_form a b.
Proof.
intros a b Fb. unfold three_relus, difference_form.
assert (Fr : float (relu (fl (a - b)))) by (apply relu_of_float, difference_float).
destruct (Rle_or_lt 0 b).
- replace (relu b) with b by (unfold relu; rewrite Rmax_left; lra).
  replace (relu (- b)) with 0 by (unfold relu; rewrite Rmax_right; lra).
  rewrite Rminus_0_r. apply fl_float, difference_float.
- replace (relu b) with 0 by (unfold relu; rewrite Rmax_right; lra).
  replace (relu (- b)) with (- b) by (unfold relu; rewrite Rmax_left; lra).
  rewrite Rplus_0_r, (fl_float (relu _)) by exact Fr. f_equal. ring.
Qed.

(* false: b <= difference_form a b => a <= difference_form a b *)
Theorem never_below_the_second : forall a b, float b -> b <= difference_form a b.
Proof.
intros a b Fb. unfold difference_form. apply round_ge_generic; auto.
pose proof (Rmax_r (fl (a - b)) 0). unfold relu. lra.
Qed.

End AnyFormat.

(** ** Every radix, precision, least exponent and tie rule, with gradual underflow *)

Section ToNearest.

Variable beta : radix.
Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Variable choice : Z -> bool.

Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format beta fexp).
Notation fl := (round beta fexp (Znearest choice)).
Notation u := (u_ro beta prec).
Notation form := (difference_form beta fexp (Znearest choice)).

Lemma u_positive : 0 < u.
Proof. unfold u_ro. pose proof (bpow_gt_0 beta (- prec + 1)). lra. Qed.

(* false: <= 2 * u * Rabs (a - b) => <= u * Rabs (a - b) *)
Theorem error_bound : forall a b,
  float a -> float b -> (1 + u) * Rabs (form a b - Rmax a b) <= 2 * u * Rabs (a - b).
Proof.
intros a b Fa Fb. pose proof u_positive. destruct (Rle_or_lt a b) as [H1|H1].
- rewrite exact_when_ordered by auto with typeclass_instances.
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. pose proof (Rabs_pos (a - b)). nra.
- rewrite Rmax_left by lra. unfold difference_form.
  assert (Hd : 0 <= fl (a - b)) by (apply round_ge_generic; auto with typeclass_instances;
    [apply generic_format_0 | lra]).
  replace (relu (fl (a - b))) with (fl (a - b)) by (unfold relu; rewrite Rmax_left; lra).
  set (d := fl (a - b)) in *.
  pose proof (no_float_is_closer beta emin prec choice (d + b) a Fa) as H2.
  pose proof (error_of_a_difference beta emin prec choice a b Fa Fb) as H3. fold d in H3.
  assert (H4 : Rabs (a - (d + b)) = Rabs (d - (a - b)))
    by (rewrite <- Rabs_Ropp; f_equal; ring).
  assert (H5 : Rabs (fl (d + b) - a) <= 2 * Rabs (d - (a - b))).
  { replace (fl (d + b) - a) with ((fl (d + b) - (d + b)) + (d - (a - b))) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. lra. }
  nra.
Qed.

(* false: <= ulp => <= / 2 * ulp *)
Theorem one_ulp_if_not_negative : forall a b,
  float a -> float b -> 0 <= b -> Rabs (form a b - Rmax a b) <= ulp beta fexp (Rmax a b).
Proof.
intros a b Fa Fb Hb. destruct (Rle_or_lt a b) as [H|H].
- rewrite exact_when_ordered by auto with typeclass_instances.
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply ulp_ge_0.
- rewrite Rmax_left by lra. unfold difference_form.
  assert (Hd : 0 <= fl (a - b)) by (apply round_ge_generic; auto with typeclass_instances;
    [apply generic_format_0 | lra]).
  replace (relu (fl (a - b))) with (fl (a - b)) by (unfold relu; rewrite Rmax_left; lra).
  set (d := fl (a - b)) in *.
  pose proof (error_le_half_ulp beta fexp choice (a - b)) as H1. fold d in H1.
  assert (H2 : ulp beta fexp (a - b) <= ulp beta fexp a).
  { apply ulp_le; auto with typeclass_instances. rewrite !Rabs_pos_eq by lra. lra. }
  pose proof (no_float_is_closer beta emin prec choice (d + b) a Fa) as H3.
  replace (a - (d + b)) with (- (d - (a - b))) in H3 by ring. rewrite Rabs_Ropp in H3.
  replace (fl (d + b) - a) with ((fl (d + b) - (d + b)) + (d - (a - b))) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

(** Folding m ← ReLU(t − m) + m over any number of taps. *)

Definition folded (first : R) (taps : list R) : R :=
  fold_left (fun m t => form t m) taps first.
Definition largest (first : R) (taps : list R) : R := fold_left Rmax taps first.
Definition smallest (first : R) (taps : list R) : R := fold_left Rmin taps first.

Lemma form_is_float : forall a b, float (form a b).
Proof. intros. unfold difference_form. apply difference_float; auto with typeclass_instances. Qed.

(* false: <= 2 * u * => <= u * *)
(* false: smallest first taps <= folded => smallest first taps < folded *)
Theorem fold_error_bound : forall first taps,
  float first -> Forall (fun t => float t) taps ->
  smallest first taps <= folded first taps /\
  (1 + u) * Rabs (folded first taps - largest first taps)
  <= 2 * u * (largest first taps - smallest first taps).
Proof.
intros first taps Ff. induction taps as [|t taps IH] using rev_ind.
- intros _. unfold smallest, folded, largest. simpl.
  rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
- intros H. apply Forall_app in H. destruct H as [Ht Ft]. specialize (IH Ht).
  apply Forall_inv in Ft. unfold smallest, folded, largest in *. rewrite !fold_left_app. simpl.
  assert (Fm : float (fold_left (fun m t => form t m) taps first)).
  { clear IH Ft. revert first Ff. induction taps as [|s taps IHt]; simpl; intros; auto.
    apply IHt; [now apply Forall_inv_tail in Ht | apply form_is_float]. }
  set (m := fold_left (fun m t => form t m) taps first) in *.
  set (M := fold_left Rmax taps first) in *. set (mn := fold_left Rmin taps first) in *.
  destruct IH as [IH1 IH2]. pose proof u_positive.
  pose proof (never_below_the_second beta fexp (Znearest choice) t m Fm) as Hlow.
  assert (Hmn : mn <= M).
  { pose proof (Rabs_pos (m - M)). nra. }
  split.
  + apply Rle_trans with mn; [apply Rmin_l | lra].
  + pose proof (error_bound t m Ft Fm) as Hstep.
    destruct (Rle_or_lt t m) as [Htm|Htm].
    * rewrite exact_when_ordered by auto with typeclass_instances.
      rewrite (Rmax_right t m) by lra.
      revert IH2. unfold Rabs, Rmax, Rmin.
      destruct (Rle_dec M t), (Rle_dec mn t), (Rcase_abs (m - M)), (Rcase_abs (m - t));
      try destruct (Rcase_abs (m - M)); intros; nra.
    * rewrite (Rmax_left t m) in Hstep by lra.
      assert (Hmin : Rmin mn t = mn) by (apply Rmin_left; lra). rewrite Hmin.
      destruct (Rle_or_lt M t) as [HM|HM].
      -- rewrite (Rmax_right M t) by lra. rewrite (Rabs_pos_eq (t - m)) in Hstep by lra. nra.
      -- rewrite (Rmax_left M t) by lra. rewrite (Rabs_pos_eq (t - m)) in Hstep by lra.
         set (y := form t m) in *. revert IH2 Hstep. unfold Rabs.
         destruct (Rcase_abs (m - M)), (Rcase_abs (y - t)), (Rcase_abs (y - M)); intros; nra.
Qed.

End ToNearest.

(** ** Radix 2, with gradual underflow *)

Section Binary.

Variables emin prec : Z.
Context {prec_gt_0 : Prec_gt_0 prec}.
Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).

Section AnyRounding.

Variable rnd : R -> Z.
Context {valid_rnd : Valid_rnd rnd}.
Notation fl := (round radix2 fexp rnd).
Notation form := (difference_form radix2 fexp rnd).

Lemma float_is_whole : forall x, float x -> exists k, x = IZR k * bpow radix2 emin.
Proof.
intros x Fx. apply FLT_format_generic in Fx; [|exact prec_gt_0].
destruct Fx as [[m e] -> _ He]. simpl in He. exists (m * 2 ^ (e - emin))%Z. unfold F2R. simpl.
rewrite mult_IZR, (IZR_Zpower radix2) by lia. rewrite Rmult_assoc, <- bpow_plus.
do 2 f_equal. lia.
Qed.

Lemma whole_is_float : forall k,
  Rabs (IZR k * bpow radix2 emin) < bpow radix2 (emin + prec) -> float (IZR k * bpow radix2 emin).
Proof.
intros k H. apply generic_format_FLT. exists (Float radix2 k emin); simpl; [reflexivity| |lia].
apply lt_IZR. rewrite abs_IZR, (IZR_Zpower radix2) by (red in prec_gt_0; lia).
apply Rmult_lt_reg_r with (bpow radix2 emin); [apply bpow_gt_0|].
rewrite <- bpow_plus, (Z.add_comm prec).
now rewrite <- (Rabs_pos_eq (bpow radix2 emin)) at 1; [rewrite <- Rabs_mult | apply bpow_ge_0].
Qed.

Lemma half_or_small : forall x, float x -> float (x / 2) \/ Rabs x < bpow radix2 (emin + prec).
Proof.
intros x Fx. apply FLT_format_generic in Fx; [|exact prec_gt_0].
destruct Fx as [[m e] -> Hm He]. simpl in He, Hm. destruct (Zle_lt_or_eq _ _ He) as [He'|He'].
- left. apply generic_format_FLT. exists (Float radix2 m (e - 1)); simpl; [|exact Hm|lia].
  unfold F2R, Zminus. cbn [Fnum Fexp]. rewrite bpow_plus.
  change (bpow radix2 (- (1))) with (/ 2). field.
- right. rewrite <- F2R_Zabs. unfold F2R. simpl. rewrite <- He', (Z.add_comm emin), bpow_plus.
  apply Rmult_lt_compat_r; [apply bpow_gt_0|].
  rewrite <- (IZR_Zpower radix2) by (red in prec_gt_0; lia). now apply IZR_lt.
Qed.

Lemma double_of_float : forall x, float x -> float (2 * x).
Proof.
intros x Fx. apply FLT_format_generic in Fx; [|exact prec_gt_0].
destruct Fx as [[m e] -> Hm He]. simpl in He, Hm. apply generic_format_FLT.
exists (Float radix2 m (e + 1)); simpl; [|exact Hm|lia].
unfold F2R. cbn [Fnum Fexp]. rewrite bpow_plus. change (bpow radix2 1) with 2. ring.
Qed.

Lemma second_operation_exact : forall a b,
  float a -> float b -> b < a -> Rabs a <= Rabs b -> float (fl (a - b) + b).
Proof.
intros a b Fa Fb Hlt Habs.
assert (Hb : b < 0).
{ destruct (Rlt_or_le b 0) as [|Hb]; auto. rewrite !Rabs_pos_eq in Habs by lra. lra. }
rewrite (Rabs_left b) in Habs by lra.
assert (Fc : float (- b)) by now apply generic_format_opp.
replace (fl (a - b) + b) with (fl (a - b) - (- b)) by ring.
destruct (Rle_or_lt 0 a) as [Ha|Ha].
- rewrite Rabs_pos_eq in Habs by exact Ha.
  apply sterbenz; auto with typeclass_instances; [apply generic_format_round; auto with typeclass_instances|].
  split.
  + apply Rle_trans with (- b); [lra|].
    apply round_ge_generic; auto with typeclass_instances. lra.
  + apply round_le_generic; auto using double_of_float with typeclass_instances. lra.
- rewrite Rabs_left in Habs by exact Ha.
  destruct (Rle_or_lt (- b / 2) (- a)) as [Hh|Hh].
  + rewrite (round_generic _ _ _ (a - b)); [replace (a - b - - b) with a by ring; exact Fa|].
    replace (a - b) with (- b - - a) by ring.
    apply sterbenz; auto using generic_format_opp with typeclass_instances. lra.
  + destruct (half_or_small (- b) Fc) as [Fh|Hsmall].
    * apply sterbenz; auto with typeclass_instances; [apply generic_format_round; auto with typeclass_instances|].
      split.
      -- apply round_ge_generic; auto with typeclass_instances. lra.
      -- apply Rle_trans with (- b); [|lra].
         apply round_le_generic; auto with typeclass_instances. lra.
    * rewrite (round_generic _ _ _ (a - b)); [replace (a - b - - b) with a by ring; exact Fa|].
      destruct (float_is_whole a Fa) as [k Hk]. destruct (float_is_whole b Fb) as [l Hl].
      replace (a - b) with (IZR (k - l) * bpow radix2 emin) by (rewrite minus_IZR, Hk, Hl; ring).
      apply whole_is_float. rewrite minus_IZR, Rmult_minus_distr_r, <- Hk, <- Hl.
      rewrite Rabs_pos_eq in Hsmall by lra. rewrite Rabs_pos_eq by lra. lra.
Qed.

(* false: - (a - b) => + (a - b) *)
(* false: Rabs a <= Rabs b => Rabs b <= Rabs a *)
Theorem errs_as_the_difference_does : forall a b,
  float a -> float b -> b < a -> Rabs a <= Rabs b ->
  form a b - a = fl (a - b) - (a - b).
Proof.
intros a b Fa Fb Hlt Habs. unfold difference_form.
assert (Hd : 0 <= fl (a - b)) by (apply round_ge_generic; auto with typeclass_instances;
  [apply generic_format_0 | lra]).
replace (relu (fl (a - b))) with (fl (a - b)) by (unfold relu; rewrite Rmax_left; lra).
rewrite round_generic; auto with typeclass_instances; [ring|].
now apply second_operation_exact.
Qed.

(* false: Rabs a <= Rabs b => Rabs b <= Rabs a *)
(* false: fl (a - b) = a - b => fl (a - b) < a - b *)
Theorem right_iff_difference_exact : forall a b,
  float a -> float b -> b < a -> Rabs a <= Rabs b ->
  (form a b = Rmax a b <-> fl (a - b) = a - b).
Proof.
intros a b Fa Fb Hlt Habs. pose proof (errs_as_the_difference_does a b Fa Fb Hlt Habs).
rewrite Rmax_left by lra. lra.
Qed.

End AnyRounding.

Notation u := (u_ro radix2 prec).

Lemma u_is_power : u = bpow radix2 (- prec).
Proof. unfold u_ro. rewrite bpow_plus. change (bpow radix2 1) with 2. field. Qed.

Lemma one_plus_u_rounds_to_one : (1 < prec)%Z -> (emin <= - prec)%Z ->
  round radix2 fexp ZnearestE (1 + u) = 1.
Proof.
intros Hp He. rewrite u_is_power.
assert (Hu : 0 < bpow radix2 (- prec) < 1).
{ split; [apply bpow_gt_0|]. change 1 with (bpow radix2 0). apply bpow_lt. lia. }
assert (Hm : mag radix2 (1 + bpow radix2 (- prec)) = 1%Z :> Z).
{ apply mag_unique. rewrite Rabs_pos_eq by lra. simpl. lra. }
assert (Hc : cexp radix2 fexp (1 + bpow radix2 (- prec)) = (1 - prec)%Z).
{ unfold cexp. rewrite Hm. unfold FLT_exp. lia. }
unfold round, scaled_mantissa. rewrite Hc.
replace ((1 + bpow radix2 (- prec)) * bpow radix2 (- (1 - prec))) with (IZR (2 ^ (prec - 1)) + / 2).
2:{ rewrite (IZR_Zpower radix2) by lia. rewrite Rmult_plus_distr_r, <- bpow_plus.
    replace (- prec + - (1 - prec))%Z with (-1)%Z by ring.
    replace (- (1 - prec))%Z with (prec - 1)%Z by ring. simpl. lra. }
unfold Znearest. rewrite (Zfloor_imp (2 ^ (prec - 1))) by (rewrite plus_IZR; lra).
rewrite Rcompare_Eq by ring.
replace (Z.even (2 ^ (prec - 1))) with true.
2:{ symmetry. rewrite Z.even_pow by lia. reflexivity. }
simpl negb. cbv iota. unfold F2R. cbn [Fnum Fexp]. rewrite (IZR_Zpower radix2) by lia.
rewrite <- bpow_plus. replace (prec - 1 + (1 - prec))%Z with 0%Z by ring. reflexivity.
Qed.

(* false: = 2 * u * Rabs (1 + 2 * u - u) => < 2 * u * Rabs (1 + 2 * u - u) *)
Theorem error_bound_is_attained : (1 < prec)%Z -> (emin <= - prec)%Z ->
  float (1 + 2 * u) /\ float u /\ 1 + 2 * u <> u /\
  (1 + u) * Rabs (difference_form radix2 fexp ZnearestE (1 + 2 * u) u - Rmax (1 + 2 * u) u)
  = 2 * u * Rabs (1 + 2 * u - u).
Proof.
intros Hp He. pose proof (u_positive radix2 prec) as Hu.
assert (Hhalf : u < 1).
{ rewrite u_is_power. change 1 with (bpow radix2 0). apply bpow_lt. lia. }
split; [|split; [|split]].
- apply generic_format_FLT. exists (Float radix2 (2 ^ (prec - 1) + 1) (1 - prec)); cbn [Fnum Fexp]; [| |lia].
  + unfold F2R. cbn [Fnum Fexp]. rewrite plus_IZR, (IZR_Zpower radix2) by lia.
    rewrite Rmult_plus_distr_r, <- bpow_plus, u_is_power.
    replace (prec - 1 + (1 - prec))%Z with 0%Z by ring.
    replace (1 - prec)%Z with (1 + - prec)%Z by ring. rewrite bpow_plus.
    change (bpow radix2 1) with 2. change (bpow radix2 0) with 1. ring.
  + change (Zpower radix2 prec) with (2 ^ prec)%Z.
    replace (2 ^ prec)%Z with (2 * 2 ^ (prec - 1))%Z by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
    assert (2 ^ 1 <= 2 ^ (prec - 1))%Z by (apply Z.pow_le_mono_r; lia). lia.
- rewrite u_is_power. apply generic_format_bpow. unfold FLT_exp. red in prec_gt_0. lia.
- lra.
- unfold difference_form. replace (1 + 2 * u - u) with (1 + u) by ring.
  rewrite one_plus_u_rounds_to_one by assumption.
  replace (relu 1) with 1 by (unfold relu; rewrite Rmax_left; lra).
  rewrite one_plus_u_rounds_to_one, Rmax_left by (assumption || lra).
  rewrite Rabs_minus_sym, !Rabs_pos_eq by lra. ring.
Qed.

End Binary.
