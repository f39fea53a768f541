(** A first layer of n ReLUs is too narrow for the maximum of n numbers, whatever follows it.

    A window of k + 1 taps is what a function from numbers to reals says at 0 … k. A neuron of the
    first layer is its weights and its bias; what follows is any function of their outputs. *)

From Coq Require Import Reals Lra Lia List.
From poolproof Require Import affine.
Import ListNotations.
Open Scope R_scope.

Definition vector : Type := nat -> R.

(** Σ w(i)·x(i) over the coordinates in a list. *)
Definition dot (S : list nat) (w x : vector) : R := fold_right (fun i s => w i * x i + s) 0 S.

Lemma dot_app : forall S S' w x, dot (S ++ S') w x = dot S w x + dot S' w x.
Proof. intros S S' w x. induction S as [|i S IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Lemma dot_same : forall S w w' x x', (forall i, In i S -> w i * x i = w' i * x' i) ->
  dot S w x = dot S w' x'.
Proof.
intros S w w' x x' H. induction S as [|i S IH]; [reflexivity|]. simpl.
rewrite IH by (intros j Hj; apply H; now right). now rewrite (H i) by now left.
Qed.

Lemma dot_0 : forall S w x, (forall i, In i S -> w i = 0) -> dot S w x = 0.
Proof.
intros S w x H. induction S as [|i S IH]; [reflexivity|]. simpl.
rewrite IH by (intros j Hj; apply H; now right). rewrite H by now left. ring.
Qed.

Lemma dot_less_a_multiple : forall S w v c x,
  dot S (fun i => w i - c * v i) x = dot S w x - c * dot S v x.
Proof. intros S w v c x. induction S as [|i S IH]; simpl; [ring|]. rewrite IH. ring. Qed.

Definition with_value (p : nat) (a : R) (x : vector) (i : nat) : R := if Nat.eqb i p then a else x i.

Lemma dot_with_value : forall S S' p a w x, ~ In p (S ++ S') ->
  dot (S ++ p :: S') w (with_value p a x) = dot (S ++ S') w x + w p * a.
Proof.
intros S S' p a w x Hp.
assert (E : forall T, (forall i, In i T -> In i (S ++ S')) ->
  dot T w (with_value p a x) = dot T w x).
{ intros T H. apply dot_same. intros i Hi. unfold with_value.
  destruct (Nat.eqb_spec i p) as [->|_]; [|reflexivity]. now apply H in Hi. }
rewrite !dot_app. simpl. rewrite !E by (intros i Hi; apply in_or_app; auto).
unfold with_value. rewrite Nat.eqb_refl. ring.
Qed.

Lemma a_pivot_or_none : forall S (w : vector),
  (exists p, In p S /\ w p <> 0) \/ (forall i, In i S -> w i = 0).
Proof.
intros S w. induction S as [|i S [[p [Hp H]]|H]]; [now right| |].
- left. exists p. split; [now right | exact H].
- destruct (Req_dec (w i) 0) as [E|E].
  + right. intros j [<-|Hj]; [exact E | now apply H].
  + left. exists i. split; [now left | exact E].
Qed.

Definition unseen (S : list nat) (rows : list vector) (v : vector) : Prop :=
  (exists i, In i S /\ v i <> 0) /\ forall w, In w rows -> dot S w v = 0.

(** What is left of a row when the pivot p of another has been eliminated. *)
Definition reduced (w : vector) (p : nat) (row : vector) : vector :=
  fun i => row i - row p / w p * w i.

Lemma back_substituted : forall S S' p w row x c, ~ In p (S ++ S') -> w p <> 0 ->
  dot (S ++ p :: S') row (with_value p ((c - dot (S ++ S') w x) / w p) x)
  = dot (S ++ S') (reduced w p row) x + row p / w p * c.
Proof.
intros S S' p w row x c Hp Hw. rewrite dot_with_value by exact Hp. unfold reduced.
rewrite dot_less_a_multiple. field. exact Hw.
Qed.

Lemma pivot_row : forall S S' p w x c, ~ In p (S ++ S') -> w p <> 0 ->
  dot (S ++ p :: S') w (with_value p ((c - dot (S ++ S') w x) / w p) x) = c.
Proof. intros. rewrite dot_with_value by assumption. now field. Qed.

Lemma split_at : forall S (p : nat), NoDup S -> In p S ->
  exists T T', S = T ++ p :: T' /\ ~ In p (T ++ T') /\ NoDup (T ++ T')
  /\ length S = Datatypes.S (length (T ++ T')).
Proof.
intros S p HS Hp. destruct (in_split p S Hp) as [T [T' ->]]. exists T, T'.
split; [reflexivity|]. destruct (NoDup_remove T T' p HS) as [H1 H2].
split; [exact H2|]. split; [exact H1|]. rewrite !app_length. simpl. lia.
Qed.

Lemma still_not_0 : forall T T' p a v, ~ In p (T ++ T') ->
  (exists i, In i (T ++ T') /\ v i <> 0) ->
  exists i, In i (T ++ p :: T') /\ with_value p a v i <> 0.
Proof.
intros T T' p a v Hp [i [Hi H]]. exists i. split.
- apply in_app_or in Hi. apply in_or_app. destruct Hi; [now left | right; now right].
- unfold with_value. destruct (Nat.eqb_spec i p) as [->|_]; [easy | exact H].
Qed.

Lemma fewer_rows_leave_something_unseen : forall rows S, NoDup S ->
  (length rows < length S)%nat -> exists v, unseen S rows v.
Proof.
intros rows. remember (length rows) as r eqn:Hr. revert rows Hr.
induction r as [|r IH]; intros rows Hr S HS Hlen.
- destruct rows; [|easy]. destruct S as [|i S]; [simpl in Hlen; lia|].
  exists (fun _ => 1). split; [|easy]. exists i. split; [now left | lra].
- destruct rows as [|w rest]; [easy|]. injection Hr as Hr.
  destruct (a_pivot_or_none S w) as [[p [Hp Hw]]|Hz].
  + destruct (split_at S p HS Hp) as [T [T' [-> [Hnot [Hdup Hl]]]]].
    destruct (IH (map (reduced w p) rest) ltac:(now rewrite map_length) (T ++ T') Hdup ltac:(lia))
      as [v [Hv H]].
    exists (with_value p ((0 - dot (T ++ T') w v) / w p) v). split; [now apply still_not_0|].
    intros row [<-|Hrow]; [now apply pivot_row|].
    rewrite back_substituted by assumption. rewrite H by now apply in_map. ring.
  + destruct (IH rest Hr S HS ltac:(lia)) as [v [Hv H]]. exists v. split; [exact Hv|].
    intros row [<-|Hrow]; [now apply dot_0 | now apply H].
Qed.

(** As many rows as coordinates: something is unseen, or any values of the rows can be had. *)
Lemma unseen_or_solvable : forall rows S, NoDup S -> (length rows <= length S)%nat ->
  (exists v, unseen S (map fst rows) v)
  \/ (exists d, forall row, In row rows -> dot S (fst row) d = snd row).
Proof.
intros rows. remember (length rows) as r eqn:Hr. revert rows Hr.
induction r as [|r IH]; intros rows Hr S HS Hlen.
- destruct rows; [|easy]. right. now exists (fun _ => 0).
- destruct rows as [|[w c] rest]; [easy|]. injection Hr as Hr.
  destruct (a_pivot_or_none S w) as [[p [Hp Hw]]|Hz].
  + destruct (split_at S p HS Hp) as [T [T' [-> [Hnot [Hdup Hl]]]]].
    set (less := fun row : vector * R => (reduced w p (fst row), snd row - fst row p / w p * c)).
    destruct (IH (map less rest) ltac:(now rewrite map_length) (T ++ T') Hdup ltac:(lia))
      as [[v [Hv H]]|[d H]].
    * left. exists (with_value p ((0 - dot (T ++ T') w v) / w p) v).
      split; [now apply still_not_0|]. intros row [<-|Hrow]; [now apply pivot_row|].
      rewrite back_substituted by assumption. rewrite H; [ring|]. rewrite map_map.
      apply in_map_iff in Hrow. destruct Hrow as [[row' c'] [<- Hrow]].
      change (In (fst (less (row', c'))) (map (fun x => fst (less x)) rest)).
      now apply (in_map (fun x => fst (less x))).
    * right. exists (with_value p ((c - dot (T ++ T') w d) / w p) d).
      intros row [<-|Hrow]; [now apply pivot_row|].
      rewrite back_substituted by assumption.
      pose proof (H (less row) (in_map less rest row Hrow)) as E. simpl in E. rewrite E. ring.
  + left. destruct (fewer_rows_leave_something_unseen (map fst rest) S HS) as [v [Hv H]].
    { rewrite map_length. lia. }
    exists v. split; [exact Hv|]. intros row [<-|Hrow]; [now apply dot_0 | now apply H].
Qed.

(** ** The maximum *)

Definition relu (x : R) : R := Rmax x 0.
Definition neuron : Type := vector * R.
Definition outputs (k : nat) (neurons : list neuron) (x : vector) : list R :=
  map (fun n => relu (affine k (fst n) (snd n) x)) neurons.

Lemma total_is_dot : forall k w x, total k (fun i => w i * x i) = dot (seq 0 (S k)) w x.
Proof.
induction k as [|k IH]; intros w x; [simpl; ring|].
change (total k (fun i => w i * x i) + w (S k) * x (S k) = dot (seq 0 (S (S k))) w x).
rewrite IH, (seq_S (S k)), dot_app. simpl. ring.
Qed.

Lemma tap_of : forall k i, In i (seq 0 (S k)) -> (i <= k)%nat.
Proof. intros k i H. apply in_seq in H. lia. Qed.

Lemma total_of_shifted : forall k w x y s t,
  total k (fun i => w i * (s * x i + t * y i))
  = s * total k (fun i => w i * x i) + t * total k (fun i => w i * y i).
Proof.
intros k w x y s t. rewrite (total_same k _ (fun i => w i * x i * s + w i * y i * t)) by (intros; ring).
rewrite total_of_sum, !total_scaled. ring.
Qed.

(** A direction that no neuron sees, upwards at some tap. *)
Lemma upwards : forall k rows v, unseen (seq 0 (S k)) rows v ->
  exists d i, (i <= k)%nat /\ 0 < d i /\ forall w, In w rows -> total k (fun j => w j * d j) = 0.
Proof.
intros k rows v [[i [Hi Hv]] H].
destruct (Rlt_or_le 0 (v i)) as [Hp|Hn].
- exists v, i. split; [now apply tap_of|]. split; [exact Hp|]. intros w Hw.
  rewrite total_is_dot. now apply H.
- exists (fun j => - v j), i. split; [now apply tap_of|]. split; [lra|]. intros w Hw.
  rewrite (total_same k _ (fun j => w j * v j * -1)) by (intros; ring).
  rewrite total_scaled, total_is_dot, H by exact Hw. ring.
Qed.

Lemma same_outputs : forall k neurons x y,
  (forall n, In n neurons -> relu (affine k (fst n) (snd n) x) = relu (affine k (fst n) (snd n) y)) ->
  outputs k neurons x = outputs k neurons y.
Proof. intros k neurons x y H. now apply map_ext_in. Qed.

Lemma some_bound : forall (f : neuron -> R) neurons, exists s, forall n, In n neurons -> f n <= s.
Proof.
intros f. induction neurons as [|n rest [s H]]; [now exists 0|].
exists (Rmax s (f n)). intros n' [<-|Hn]; [apply Rmax_r|].
apply Rle_trans with s; [now apply H | apply Rmax_l].
Qed.

(* false: (length neurons <= S k)%nat => (length neurons <= S (S k))%nat *)
Theorem the_first_layer_needs_more_neurons_than_taps : forall k neurons,
  (length neurons <= S k)%nat ->
  ~ exists following, forall x, following (outputs k neurons x) = largest k x.
Proof.
intros k neurons Hlen [following H].
destruct (unseen_or_solvable (map (fun n : neuron => (fst n, -1)) neurons) (seq 0 (S k)))
  as [[v Hv]|[d Hd]].
- apply seq_NoDup.
- now rewrite map_length, seq_length.
- destruct (upwards k _ v Hv) as [d [i [Hi [Hp Hd]]]].
  assert (E : outputs k neurons d = outputs k neurons (fun _ => 0)).
  { apply same_outputs. intros n Hn. f_equal. unfold affine.
    rewrite Hd by (rewrite map_map; now apply (in_map fst)).
    rewrite (total_scaled k (fst n) 0). ring. }
  pose proof (H d) as H1. rewrite E, H, largest_constant in H1.
  pose proof (tap_at_most_largest k d i Hi). lra.
- destruct (some_bound (fun n => Rmax (snd n) (total k (fst n) + snd n)) neurons) as [s Hs].
  set (far := fun t i => s * d i + t * 1).
  assert (Z : forall t n, (t = 0 \/ t = 1) -> In n neurons ->
    relu (affine k (fst n) (snd n) (far t)) = 0).
  { intros t n Ht Hn. unfold relu. apply Rmax_right. unfold affine, far.
    rewrite total_of_shifted.
    assert (E : total k (fun i => fst n i * d i) = -1).
    { rewrite total_is_dot. apply (Hd (fst n, -1)). now apply (in_map (fun n => (fst n, -1))). }
    rewrite E. rewrite (total_same k (fun i => fst n i * 1) (fst n)) by (intros; ring).
    pose proof (Hs n Hn) as B. pose proof (Rmax_l (snd n) (total k (fst n) + snd n)).
    pose proof (Rmax_r (snd n) (total k (fst n) + snd n)). destruct Ht as [->| ->]; lra. }
  assert (E : outputs k neurons (far 0) = outputs k neurons (far 1)).
  { apply same_outputs. intros n Hn. rewrite !Z; auto. }
  assert (Hmax : largest k (far 0) + 1 <= largest k (far 1)).
  { assert (largest k (far 0) <= largest k (far 1) - 1); [|lra].
    apply largest_at_most. intros i Hi. pose proof (tap_at_most_largest k (far 1) i Hi) as B.
    unfold far in *. lra. }
  pose proof (H (far 0)) as H0. pose proof (H (far 1)) as H1. rewrite E, H1 in H0. lra.
Qed.

Lemma magnitudes_bound : forall k (v : vector) i, (i <= k)%nat ->
  Rabs (v i) <= total k (fun j => Rabs (v j)).
Proof.
intros k v. assert (P : forall m, 0 <= total m (fun j => Rabs (v j))).
{ induction m as [|m IH]; simpl; [apply Rabs_pos|]. pose proof (Rabs_pos (v (S m))). lra. }
induction k as [|k IH]; intros i Hi; simpl.
- replace i with 0%nat by lia. lra.
- destruct (Nat.eq_dec i (S k)) as [->|Hne].
  + pose proof (P k). lra.
  + pose proof (IH i ltac:(lia)). pose proof (Rabs_pos (v (S k))). lra.
Qed.

(* false: (length neurons <= k)%nat => (length neurons <= S k)%nat *)
Theorem not_negative_inputs_need_as_many_neurons_as_taps : forall k neurons,
  (length neurons <= k)%nat ->
  ~ exists following, forall x, (forall i, 0 <= x i) ->
      following (outputs k neurons x) = largest k x.
Proof.
intros k neurons Hlen [following H].
destruct (fewer_rows_leave_something_unseen (map fst neurons) (seq 0 (S k))) as [v Hv].
- apply seq_NoDup.
- rewrite map_length, seq_length. unfold neuron in Hlen. lia.
- destruct (upwards k _ v Hv) as [d [i [Hi [Hp Hd]]]].
  set (s := total k (fun j => Rabs (d j))).
  set (moved := fun t j => if Nat.leb j k then s * 1 + t * d j else 0).
  assert (Hin : forall j, (j <= k)%nat -> Nat.leb j k = true) by (intros; now apply Nat.leb_le).
  assert (Hs : forall j, (j <= k)%nat -> Rabs (d j) <= s) by (intros; now apply magnitudes_bound).
  assert (Hpos : forall t, (t = 0 \/ t = 1) -> forall j, 0 <= moved t j).
  { intros t Ht j. unfold moved. destruct (Nat.leb_spec j k) as [Hj|_]; [|lra].
    pose proof (Hs j Hj). pose proof (Rabs_pos (d j)). pose proof (Rle_abs (- d j)) as B.
    rewrite Rabs_Ropp in B. destruct Ht as [->| ->]; lra. }
  assert (E : outputs k neurons (moved 0) = outputs k neurons (moved 1)).
  { apply same_outputs. intros n Hn. f_equal. unfold affine. f_equal.
    assert (T : forall t, total k (fun j => fst n j * moved t j) = s * total k (fun j => fst n j * 1)).
    { intros t. rewrite (total_same k _ (fun j => fst n j * (s * 1 + t * d j))).
      - rewrite (total_of_shifted k (fst n) (fun _ => 1) d), Hd by now apply (in_map fst). ring.
      - intros j Hj. unfold moved. now rewrite Hin. }
    now rewrite !T. }
  pose proof (H (moved 0) (Hpos 0 (or_introl eq_refl))) as H0.
  pose proof (H (moved 1) (Hpos 1 (or_intror eq_refl))) as H1. rewrite E, H1 in H0.
  assert (largest k (moved 0) <= s).
  { apply largest_at_most. intros j Hj. unfold moved. rewrite Hin by exact Hj. lra. }
  pose proof (tap_at_most_largest k (moved 1) i Hi) as B. unfold moved at 1 in B.
  rewrite Hin in B by exact Hi. lra.
Qed.
