(** What the number system [binary] takes for granted, of Flocq's rounding: every axiom that its
    encoding gives to solvers is a theorem here or in [rounding_axioms].

    Radix 2, every precision from 2 on, every least exponent, ties to even, gradual underflow. Here
    no exponent is the largest; [binary_model] says how IEEE's formats are made of this. *)

From Coq Require Import Reals Lra Lia ZArith.
From Flocq Require Import Core Plus_error Mult_error Relative Sterbenz.
From poolproof Require Import rounding_axioms.
Open Scope R_scope.

Section OfBinaryFormats.

Variables emin prec : Z.
Context {prec_gt_0_ : Prec_gt_0 prec}.
Hypothesis two_bits : (2 <= prec)%Z.

Notation fexp := (FLT_exp emin prec).
Notation float := (generic_format radix2 fexp).
Notation fl := (round radix2 fexp ZnearestE).
Notation u := (u_ro radix2 prec).

Lemma u_is_a_power : u = bpow radix2 (- prec).
Proof. unfold u_ro. rewrite bpow_plus. change (bpow radix2 1) with 2. field. Qed.

(* false: u <= / 4 => u <= / 5 *)
Theorem unit_roundoff_is_at_most_a_quarter : 0 < u /\ u <= / 4.
Proof.
rewrite u_is_a_power. split; [apply bpow_gt_0|].
replace (/ 4) with (bpow radix2 (- 2)) by (simpl; lra). apply bpow_le. lia.
Qed.

(* false: float (2 * x) => float (3 * x) *)
Theorem doubles_are_floats : forall x, float x -> float (2 * x).
Proof.
intros x F. rewrite Rmult_comm. change 2 with (bpow radix2 1).
apply scaled_float; auto. lia.
Qed.

(* false: bpow radix2 (emin + prec) <= Rabs x -> => 0 <= Rabs x -> *)
Theorem halves_of_large_floats_are_floats : forall x,
  float x -> bpow radix2 (emin + prec) <= Rabs x -> float (x / 2).
Proof.
intros x F H. unfold Rdiv. change (/ 2) with (bpow radix2 (- 1)).
apply mult_bpow_exact_FLT; auto with typeclass_instances.
assert (emin + prec < mag radix2 x)%Z; [|lia].
apply mag_gt_bpow. exact H.
Qed.

Lemma small_sums_are_floats : forall s t, float s -> float t ->
  Rabs (s + t) <= bpow radix2 (prec + emin) -> float (s + t).
Proof. intros s t Fs Ft H. apply FLT_format_plus_small; auto with typeclass_instances. Qed.

Lemma no_float_closer : forall x z, float z -> Rabs (fl x - x) <= Rabs (z - x).
Proof.
intros x z. exact (no_float_is_closer radix2 emin prec (fun n => negb (Z.even n)) x z).
Qed.

Lemma no_half_of_a_float_is_closer : forall s t z, float s -> float t -> float z ->
  2 * Rabs (fl (s + t) - (s + t)) <= Rabs (z - 2 * (s + t)).
Proof.
intros s t z Fs Ft Fz. set (x := s + t). set (B := bpow radix2 (prec + emin)).
assert (HB : 0 < B) by apply bpow_gt_0.
assert (E : Rabs (z - 2 * x) = 2 * Rabs (z / 2 - x)).
{ replace (z - 2 * x) with (2 * (z / 2 - x)) by field.
  rewrite Rabs_mult, (Rabs_pos_eq 2) by lra. reflexivity. }
rewrite E. apply Rmult_le_compat_l; [lra|].
destruct (Rle_or_lt (Rabs x) B) as [H|H].
- rewrite round_generic; auto with typeclass_instances.
  + rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply Rabs_pos.
  + now apply small_sums_are_floats.
- destruct (Rle_or_lt B (Rabs z)) as [Hz|Hz].
  + apply no_float_closer. apply halves_of_large_floats_are_floats; auto.
    now rewrite Z.add_comm.
  + assert (FB : float B) by (apply generic_format_bpow; unfold FLT_exp; red in prec_gt_0_; lia).
    pose proof (no_float_closer x B FB) as H1.
    pose proof (no_float_closer x (- B) (generic_format_opp radix2 fexp B FB)) as H2.
    unfold Rabs in *. destruct (Rcase_abs x), (Rcase_abs z), (Rcase_abs (B - x)),
      (Rcase_abs (- B - x)), (Rcase_abs (z / 2 - x)), (Rcase_abs (fl x - x)); lra.
Qed.

(* false: s <= - (2 * t) -> => s <= - (3 * t) -> *)
Theorem cancelling : forall s t, float s -> float t ->
  - t <= 2 * s -> s <= - (2 * t) -> fl (s + t) = s + t.
Proof.
intros s t Fs Ft Hs Ht. apply round_generic; auto with typeclass_instances.
apply generic_format_plus_weak; auto with typeclass_instances.
unfold Rmin, Rabs. destruct (Rcase_abs (s + t)), (Rcase_abs s), (Rcase_abs t), (Rle_dec _ _); lra.
Qed.

(* false: fl x <= fl y => fl x < fl y *)
Theorem ordered : forall x y, x <= y -> fl x <= fl y.
Proof. intros x y H. apply round_le; auto with typeclass_instances. Qed.

(* false: float t -> v + w = 2 * (s + t) => float t -> v + w = 3 * (s + t) *)
Theorem doubling : forall s t v w,
  float s -> float t -> v + w = 2 * (s + t) -> fl (v + w) = 2 * fl (s + t).
Proof.
intros s t v w Fs Ft ->. change 2 with (bpow radix2 1).
rewrite !(Rmult_comm (bpow radix2 1)), Rmult_plus_distr_r.
apply scaled_sum; auto. lia.
Qed.

Lemma multiples_are_apart : forall s t e m n, s = IZR m * bpow radix2 e ->
  t = IZR n * bpow radix2 e -> s <> t -> bpow radix2 e <= Rabs (s - t).
Proof.
intros s t e m n -> -> H. rewrite <- Rmult_minus_distr_r, Rabs_mult, <- minus_IZR, <- abs_IZR.
rewrite (Rabs_pos_eq (bpow radix2 e)) by apply bpow_ge_0.
assert (1 <= IZR (Z.abs (m - n))); [|pose proof (bpow_gt_0 radix2 e); nra].
apply IZR_le. assert (m <> n) by (intros ->; now apply H). lia.
Qed.

Lemma multiple_of : forall x e, float x -> (e <= cexp radix2 fexp x)%Z ->
  exists m, x = IZR m * bpow radix2 e.
Proof.
intros x e F H. exists (Ztrunc (scaled_mantissa radix2 fexp x) * 2 ^ (cexp radix2 fexp x - e))%Z.
rewrite F at 1. unfold F2R. cbn [Fnum Fexp]. rewrite mult_IZR.
change 2%Z with (radix_val radix2). rewrite IZR_Zpower by lia.
rewrite Rmult_assoc, <- bpow_plus. do 2 f_equal. ring.
Qed.

Lemma floats_are_apart : forall s t, float s -> float t -> s = t \/ u * Rabs s <= Rabs (s - t).
Proof.
intros s t Fs Ft. destruct (Req_dec s t) as [->|D]; [now left|right].
rewrite u_is_a_power. destruct (Req_dec s 0) as [->|S0].
{ rewrite Rabs_R0, Rmult_0_r. apply Rabs_pos. }
pose proof (bpow_mag_gt radix2 s) as He. pose proof (bpow_mag_le radix2 s S0) as Hl.
remember (mag radix2 s : Z) as e eqn:Ee. symmetry in Ee.
assert (U : bpow radix2 (- prec) * Rabs s <= bpow radix2 (e - prec)).
{ unfold Zminus. rewrite Z.add_comm, bpow_plus. apply Rmult_le_compat_l; [apply bpow_ge_0 | lra]. }
destruct (Z_le_gt_dec (e - prec) emin) as [Hs|Hn].
- apply Rle_trans with (1 := U). apply Rle_trans with (bpow radix2 emin); [now apply bpow_le|].
  assert (G : forall x, float x -> exists m, x = IZR m * bpow radix2 emin)
    by (intros x F; apply multiple_of; auto; unfold cexp, FLT_exp; lia).
  destruct (G s Fs) as [m Hm]. destruct (G t Ft) as [n Hn].
  now apply multiples_are_apart with m n.
- destruct (Rle_or_lt (bpow radix2 (e - 1)) (Rabs t)) as [Ht|Ht].
  + apply Rle_trans with (1 := U).
    assert (Mt : (e <= mag radix2 t)%Z) by now apply mag_ge_bpow.
    destruct (multiple_of s (e - prec) Fs) as [m Hm]; [unfold cexp, FLT_exp; lia|].
    destruct (multiple_of t (e - prec) Ft) as [n Hn']; [unfold cexp, FLT_exp; lia|].
    now apply multiples_are_apart with m n.
  + assert (P : Rabs t <= bpow radix2 (e - 1) - bpow radix2 (e - 1 - prec)).
    { replace (e - 1 - prec)%Z with (fexp (e - 1)) by (unfold FLT_exp; lia).
      rewrite <- pred_bpow. apply pred_ge_gt; auto with typeclass_instances.
      - now apply generic_format_abs.
      - apply generic_format_bpow. unfold FLT_exp. red in prec_gt_0_. lia. }
    assert (B : bpow radix2 (e - 1 - prec) = bpow radix2 (- prec) * bpow radix2 (e - 1))
      by (rewrite <- bpow_plus; f_equal; ring).
    pose proof (Rabs_triang_inv s t). pose proof (bpow_ge_0 radix2 (- prec)).
    assert (bpow radix2 (- prec) <= 1).
    { change 1 with (bpow radix2 0). apply bpow_le. lia. }
    nra.
Qed.

Lemma error_in_ulps : forall x z, Rabs x <= Rabs z ->
  2 * Rabs (fl x - x) <= ulp radix2 fexp z.
Proof.
intros x z H.
pose proof (error_le_half_ulp radix2 fexp (fun n => negb (Z.even n)) x) as E.
assert (ulp radix2 fexp x <= ulp radix2 fexp z) by (apply ulp_le; auto with typeclass_instances).
lra.
Qed.

(** ** As solvers are told it: no magnitudes, for they split cases on each *)

(* false: z <= fl x /\ => z < fl x /\ *)
Theorem closest : forall x z, float z ->
  (z <= x -> z <= fl x /\ fl x <= 2 * x - z) /\ (x <= z -> fl x <= z /\ 2 * x - z <= fl x).
Proof.
intros x z F. pose proof (no_float_closer x z F) as H. unfold Rabs in H.
destruct (Rcase_abs (fl x - x)), (Rcase_abs (z - x)); split; intros; split; lra.
Qed.

(* false: z <= 2 * (s + t) -> z <= 2 * fl (s + t) => z <= 2 * (s + t) -> z < 2 * fl (s + t) *)
Theorem halves_are_no_closer : forall s t z, float s -> float t -> float z ->
  (z <= 2 * (s + t) -> z <= 2 * fl (s + t) /\ 2 * fl (s + t) <= 2 * (2 * (s + t)) - z) /\
  (2 * (s + t) <= z -> 2 * fl (s + t) <= z /\ 2 * (2 * (s + t)) - z <= 2 * fl (s + t)).
Proof.
intros s t z Fs Ft Fz. pose proof (no_half_of_a_float_is_closer s t z Fs Ft Fz) as H.
unfold Rabs in H.
destruct (Rcase_abs (fl (s + t) - (s + t))), (Rcase_abs (z - 2 * (s + t))); split; intros; split; lra.
Qed.

(* false: s + t + 2 * u * (s + t)) => s + t + u * (s + t)) *)
Theorem within_u : forall s t, float s -> float t ->
  (0 <= s + t -> s + t <= fl (s + t) + u * fl (s + t)
    /\ fl (s + t) + u * fl (s + t) <= s + t + 2 * u * (s + t)) /\
  (s + t <= 0 -> s + t + 2 * u * (s + t) <= fl (s + t) + u * fl (s + t)
    /\ fl (s + t) + u * fl (s + t) <= s + t).
Proof.
intros s t Fs Ft.
pose proof (error_of_a_sum radix2 emin prec (fun n => negb (Z.even n)) s t Fs Ft) as H.
change (round radix2 fexp (Znearest (fun n => negb (Z.even n))) (s + t)) with (fl (s + t)) in H.
pose proof unit_roundoff_is_at_most_a_quarter as [U1 U2].
assert (K : Rabs ((1 + u) * (fl (s + t) - (s + t))) <= u * Rabs (s + t)).
{ rewrite Rabs_mult, (Rabs_pos_eq (1 + u)); lra. }
apply Rabs_le_inv in K. unfold Rabs in K. destruct (Rcase_abs (s + t)); split; intros; split; nra.
Qed.

(* false: t <= s - u * s \/ => t <= s - 2 * u * s \/ *)
Theorem apart : forall s t, float s -> float t -> s = t \/ t <= s - u * s \/ s + u * s <= t.
Proof.
intros s t Fs Ft. destruct (floats_are_apart s t Fs Ft) as [H|H]; [now left|right].
pose proof unit_roundoff_is_at_most_a_quarter as [U1 U2]. unfold Rabs in H.
destruct (Rcase_abs s), (Rcase_abs (s - t)); nra.
Qed.

(* false: 2 * (fl x - x) <= => 3 * (fl x - x) <= *)
Theorem within_ulps : forall x z, - z <= x -> x <= z ->
  2 * (fl x - x) <= ulp radix2 fexp z /\ 2 * (x - fl x) <= ulp radix2 fexp z.
Proof.
intros x z H1 H2. assert (H : Rabs x <= Rabs z).
{ rewrite (Rabs_pos_eq z) by lra. now apply Rabs_le. }
pose proof (error_in_ulps x z H) as E. pose proof (Rle_abs (fl x - x)).
pose proof (Rle_abs (- (fl x - x))) as A. rewrite Rabs_Ropp in A. lra.
Qed.

End OfBinaryFormats.
