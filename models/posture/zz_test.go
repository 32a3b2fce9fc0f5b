package posture
import ("testing";"math/rand";"time";"os";"runtime/pprof";"fmt")
func TestMut(t *testing.T){
 text,_:=catalogFiles.ReadFile("catalog/80-locks.yaml")
 r:=rand.New(rand.NewSource(1)); n:=0; end:=time.Now().Add(8*time.Second); var worst time.Duration
 for time.Now().Before(end) { b:=append([]byte{},text...)
  for k:=0;k<1+r.Intn(6);k++ { i:=r.Intn(len(b)); switch r.Intn(3){case 0: b[i]=byte(r.Intn(256)); case 1: b=append(b[:i],b[i+1:]...); case 2: j:=i+r.Intn(len(b)-i); b=append(b,b[i:j]...)} }
  s:=time.Now(); done:=make(chan bool); go func(){ loadFrom(mapFS(string(b))); close(done)}()
  select{case <-done: case <-time.After(4*time.Second): pprof.Lookup("goroutine").WriteTo(os.Stdout,2); os.WriteFile("/tmp/zwd/hang.yaml",b,0600); t.Fatal("hang")}
  if d:=time.Since(s);d>worst{worst=d}; n++ }
 fmt.Println(n,worst) }
